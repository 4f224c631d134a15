/** Measures the effect of a round of alert rules on dashboards: a tenant's requests without a round, and while a service judges all rules after its start. */
import { connect } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import type { AlertDefinition } from '../../../src/alerts/alert-definition.ts'
import { Definitions } from '../../../src/nats/definitions/definitions.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'
import { ratio } from '../ingestion/backlog.ts'
import { median, THREADS } from '../measure/machine.ts'
import { figures, newQueries, queryFor, queryUntil } from '../requests/modest-tenant.ts'
import { type BenchRule, alertRules } from './alert-rules.ts'

/** A new process judges all rules anew, so that each start is a run. */
const RUNS = 3
const IDLE_SECONDS = 10
const WARM_UP_SECONDS = 2
const TIMEOUT_MS = 300_000
/** What rules were judged by: without it, they are judged as new ones. */
const RECORDS = 'KV_analytics-alerts'
const JUDGED = 'analytics_alert_rules_judged_total'
const SECONDS = 'analytics_alert_round_duration_seconds_sum'

export async function benchDashboardsBesideRounds(dataDir: string, rules: number, tenants: number) {
  const nats = await startNatsServer()
  const next = newQueries()
  try {
    await storeRules(nats.url, alertRules(rules, tenants))
    const runs = []
    for (let run = 0; run < RUNS; run++) {
      const service = await startService({ natsUrl: nats.url, dataDir, env: { ...THREADS, LOG_LEVEL: 'warn' } })
      const metric = async (name: string) =>
        Number(new RegExp(`^${name} (.*)$`, 'm').exec((await service.get('/metrics')).text)?.[1] ?? 0)
      let isOver = false
      const round = untilJudged(() => metric(JUDGED), rules).finally(() => (isOver = true))
      await queryFor(service, next, WARM_UP_SECONDS)
      const beside = figures(await queryUntil(service, next, () => isOver))
      await round
      const idle = figures(await queryFor(service, next, IDLE_SECONDS))
      const seconds = Math.round(await metric(SECONDS))
      runs.push({
        seconds,
        idle,
        beside,
        ratioP50: ratio(beside.p50, idle.p50),
        ratioP99: ratio(beside.p99, idle.p99),
      })
      process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`)
      await service.stop()
      await forgetRecords(nats.url)
    }
    return { ratioP99: median(runs.map(({ ratioP99 }) => ratioP99)), runs }
  } finally {
    await nats.stop()
  }
}

async function untilJudged(judged: () => Promise<number>, rules: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  while ((await judged()) < rules) {
    if (performance.now() > deadline) throw new Error('The rules are not judged in time.')
    await Bun.sleep(500)
  }
}

async function storeRules(servers: string, rules: readonly BenchRule[]): Promise<void> {
  const connection = await connect({ servers })
  const stopped = new AbortController()
  const definitions = new Definitions({ clock: systemClock, logger: silentLogger, newId: () => crypto.randomUUID() })
  const running = definitions.run(connection, stopped.signal)
  const alerts = definitions.of<AlertDefinition>('alert')
  await until(() => alerts.list('tenant-1'), TIMEOUT_MS, 'the bucket of definitions')
  const rest = rules.values()
  const create = async () => {
    for (const { tenantId, rule } of rest) await alerts.create(tenantId, { rule, judgedSince: 1 })
  }
  await Promise.all(Array.from({ length: 50 }, create))
  stopped.abort()
  await running
  await connection.close()
}

async function forgetRecords(servers: string): Promise<void> {
  const connection = await connect({ servers })
  const jsm = await connection.jetstreamManager()
  await jsm.streams.purge(RECORDS)
  await connection.close()
}
