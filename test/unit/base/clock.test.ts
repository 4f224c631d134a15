import { describe, expect, test } from 'bun:test'
import { whenAborted, backoffMs, sleep } from '../../../src/base/clock.ts'
import { ManualClock, settled } from '../../support/base/manual-clock.ts'

async function hasEnded(promise: Promise<unknown>): Promise<boolean> {
  let ended = false
  void promise.then(() => (ended = true))
  await settled()
  return ended
}

describe('sleep', () => {
  test('ends when its time is over, not before', async () => {
    const clock = new ManualClock(0)
    const sleeping = sleep(clock, 100)
    await clock.advance(99)
    expect(await hasEnded(sleeping)).toBe(false)
    await clock.advance(1)
    expect(await hasEnded(sleeping)).toBe(true)
  })

  test('ends at once when it is aborted, without a remaining timer', async () => {
    const clock = new ManualClock(0)
    const abort = new AbortController()
    const sleeping = sleep(clock, 100, abort.signal)
    abort.abort()
    expect(await hasEnded(sleeping)).toBe(true)
    expect(await hasEnded(sleep(clock, 100, abort.signal))).toBe(true)
    expect(clock.timerCount).toBe(0)
  })
})

test('whenAborted resolves when the signal aborts, and at once when it is aborted already', async () => {
  const abort = new AbortController()
  const waiting = whenAborted(abort.signal)
  expect(await hasEnded(waiting)).toBe(false)
  abort.abort()
  expect(await hasEnded(waiting)).toBe(true)
  expect(await hasEnded(whenAborted(abort.signal))).toBe(true)
})

test('the backoff doubles up to its limit, each delay in the upper half', () => {
  const range = (attempt: number) =>
    [0, 1].map((random) => backoffMs(attempt, { firstMs: 100, maxMs: 1_000, random: () => random }))
  expect([0, 1, 2, 3, 4, 1_000].map(range)).toEqual([
    [50, 100],
    [100, 200],
    [200, 400],
    [400, 800],
    [500, 1_000],
    [500, 1_000],
  ])
})
