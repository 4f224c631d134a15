import { expect, test } from 'bun:test'
import { loadedRecently } from '../../../../src/web/reports/recent-loads.ts'
import { parseViewState } from '../../../../src/web/state/view-state.ts'

const STATE = parseViewState('?view=reports', 'UTC')
const INTERVAL_MS = 1_000

test('a state of the page is loaded again after the interval, another state at once, and a failure is not kept', async () => {
  let count = 0
  const load = () => Promise.resolve({ data: ++count, asOf: 0 })
  const read = async (viewState: typeof STATE, now: number) =>
    (await loadedRecently({ viewState, now }, INTERVAL_MS, load)).data
  expect(await read(STATE, 0)).toBe(1)
  expect(await read(STATE, INTERVAL_MS - 1)).toBe(1)
  expect(await read({ ...STATE }, INTERVAL_MS - 1)).toBe(2)
  expect(await read(STATE, INTERVAL_MS)).toBe(3)
  const failing = { ...STATE }
  const fail = () => Promise.reject(new Error('unreachable'))
  expect(await loadedRecently({ viewState: failing, now: 0 }, INTERVAL_MS, fail).catch(String)).toContain('unreachable')
  expect(await read(failing, 1)).toBe(4)
})
