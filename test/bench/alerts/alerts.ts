/** Measures how long it takes to judge many alert rules whose buckets settle at the same time, and what dashboards notice of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { THREADS } from '../measure/machine.ts'
import { runProgram } from '../measure/run-program.ts'
import { benchDashboardsBesideRounds } from './dashboards-beside-rounds.ts'

export interface AlertsBench {
  readonly rules: number
  readonly tenants: number
  /** In the history of 90 days; one tenant has half of them. */
  readonly events: number
}

export async function benchAlerts({ rules, tenants, events }: AlertsBench) {
  const dataDir = mkdtempSync(join(tmpdir(), 'outreach-bench-alerts-'))
  const path = join(dataDir, 'clickhouse')
  const env = { ...THREADS, BENCH_HISTORY_TENANTS: String(tenants) }
  try {
    await runProgram('history/fill-history.ts', [path, String(events)], env)
    const rounds = await runProgram<object>('alerts/alert-rounds.ts', [path, String(rules)], env)
    const dashboards = await benchDashboardsBesideRounds(dataDir, rules, tenants)
    return { ...rounds, dashboards }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}
