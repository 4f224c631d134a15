/** Measures the effect of one tenant's load on another: dashboards read from the store, one after the other, without and with the connections of a greedy tenant. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { type RunningService, startService } from '../../support/process/service.ts'
import { ratio } from '../ingestion/backlog.ts'
import { fillHistory } from '../history/fill.ts'
import { median, THREADS } from '../measure/machine.ts'
import { FUNNELS } from '../dashboards/funnels.ts'
import { figures, newQueries, type Query, queryFor } from './modest-tenant.ts'

/** The greedy tenant has half of all events. */
const GREEDY = 'tenant-1'
/** Both cases alternate, because the speed of the machine varies. */
const RUNS = 3
const SETTLE_SECONDS = 1
const DAY_MS = 86_400_000

/** What the greedy tenant asks for, and over how many connections. */
const LOADS = {
  dashboards: { connections: 200, queries: newQueries },
  funnels: { connections: 20, queries: newFunnels },
} satisfies Record<string, { connections: number; queries: () => () => Query }>
type Load = keyof typeof LOADS

/** Generates funnels of ranges that were not queried before. */
function newFunnels(): () => Query {
  const endedAt = Date.now()
  const funnels = Object.values(FUNNELS)
  let queryCount = 0
  return () => {
    const { timeRange: _, ...funnel } = funnels[queryCount % funnels.length]!
    const startDate = new Date(endedAt - 30 * DAY_MS + queryCount++).toISOString()
    return {
      path: '/api/v1/analytics/funnels',
      body: { ...funnel, startDate, endDate: new Date(endedAt).toISOString() },
    }
  }
}

export interface GreedyRun {
  readonly events: number
  readonly seconds: number
  readonly load: Load
}

/** Fills a store and measures both cases alternately for the given time. */
export async function benchGreedy({ events, seconds, load }: GreedyRun) {
  const dataDir = mkdtempSync(join(tmpdir(), 'outreach-bench-'))
  const nats = await startNatsServer()
  try {
    await fillHistory(join(dataDir, 'clickhouse'), events)
    const service = await startService({
      natsUrl: nats.url,
      dataDir,
      env: { ...THREADS, LOG_LEVEL: 'warn' },
    })
    const next = newQueries()
    await queryFor(service, next, 2)
    const runs = []
    const greedyByStatus: Record<string, number> = {}
    for (let run = 0; run < RUNS; run++) {
      const idle = figures(await queryFor(service, next, seconds))
      const greedy = startGreedy(service, load, seconds + SETTLE_SECONDS, greedyByStatus)
      await Bun.sleep(SETTLE_SECONDS * 1_000)
      const beside = figures(await queryFor(service, next, seconds))
      await greedy
      runs.push({ idle, beside, ratioP50: ratio(beside.p50, idle.p50), ratioP99: ratio(beside.p99, idle.p99) })
      process.stderr.write(`${JSON.stringify(runs.at(-1))}\n`)
    }
    const { text } = await service.get('/metrics')
    const limited = text.match(/^analytics_requests_limited_total\{.*$/gm) ?? []
    await service.stop()
    return { ratioP99: median(runs.map(({ ratioP99 }) => ratioP99)), runs, greedyByStatus, limited }
  } finally {
    await nats.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** Each connection sends the next request as soon as it receives a response of any status. */
async function startGreedy(
  service: RunningService,
  load: Load,
  seconds: number,
  byStatus: Record<string, number>,
): Promise<void> {
  const { connections, queries } = LOADS[load]
  const next = queries()
  const end = performance.now() + seconds * 1_000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const { path, body } = next()
        const { status } = await service.get(path, { tenant: GREEDY, ...(body && { method: 'POST', body }) })
        byStatus[status] = (byStatus[status] ?? 0) + 1
      }
    }),
  )
}
