/** Measures how long it takes to judge many alert rules whose buckets settle at the same time. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { THREADS } from '../measure/machine.ts'
import { runProgram } from '../measure/run-program.ts'

export interface AlertsBench {
  readonly rules: number
  readonly tenants: number
  /** In the history of 90 days; one tenant has half of them. */
  readonly events: number
}

export async function benchAlerts({ rules, tenants, events }: AlertsBench): Promise<unknown> {
  const path = mkdtempSync(join(tmpdir(), 'outreach-bench-alerts-'))
  const env = { ...THREADS, BENCH_HISTORY_TENANTS: String(tenants) }
  try {
    await runProgram('history/fill-history.ts', [path, String(events)], env)
    return await runProgram('alerts/alert-rounds.ts', [path, String(rules)], env)
  } finally {
    rmSync(path, { recursive: true, force: true })
  }
}
