import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProgressRow } from '../../../../../src/clickhouse/facts/versions/progress-table.ts'
import { changedRulesOf, expectedCounts, randomMessageRows } from '../../../../support/store/facts/message-facts.ts'

const directory = mkdtempSync(join(tmpdir(), 'outreach-facts-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function run(task: string) {
  const script = join(import.meta.dir, '../../../../support/store/facts/facts-process.ts')
  const path = join(directory, 'clickhouse')
  const child = Bun.spawn([process.execPath, script, path, task], { stdout: 'pipe', stderr: 'inherit' })
  const output = await new Response(child.stdout).text()
  await child.exited
  return { signal: child.signalCode, output }
}

test('a version continues where a killed process has left it', async () => {
  expect((await run('build')).signal).toBe('SIGKILL')
  const { before, counts } = JSON.parse((await run('resume')).output) as { before: ProgressRow; counts: unknown }
  expect(before).toMatchObject({ events: 400, is_complete: 0 })
  expect(before.events_done).toBeGreaterThan(0)
  expect(before.events_done).toBeLessThan(400)
  expect(counts).toEqual(expectedCounts(randomMessageRows(20_261_203, 600), changedRulesOf))
}, 120_000)
