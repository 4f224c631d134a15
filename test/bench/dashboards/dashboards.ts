/** Measures the duration of dashboards over HTTP without a cache on a long history, idle and during ingestion of a backlog, and compares it with queries without projections. */
import { join } from 'node:path'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { ratio, startBacklog } from '../ingestion/backlog.ts'
import { countStored, countStoreResponses, invalidateResponses, timeDashboard } from './ask-dashboards.ts'
import { BENCHED } from './dashboard-questions.ts'
import { recordLatency } from './latency-record.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { runProgram } from '../measure/run-program.ts'

const REQUESTS = 25
/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 5
const BACKLOG = 500_000

type Times = Record<string, number[]>

/** Fills a store for each size in ascending order and queries it; the growth compares the largest with the smallest. */
export async function benchDashboards(sizes: readonly number[]) {
  const bySize: Awaited<ReturnType<typeof measure>>[] = []
  for (const [index, events] of sizes.entries()) bySize.push(await measure(events, index === sizes.length - 1))
  const [first, last] = [bySize[0]!, bySize.at(-1)!]
  const growth = Object.fromEntries(
    Object.keys(first.dashboards).map((name) => [name, ratio(last.dashboards[name]!.p50, first.dashboards[name]!.p50)]),
  )
  for (const { store, dashboards } of bySize) recordLatency(store.rows, dashboards)
  return { growth, bySize }
}

async function measure(events: number, isLast: boolean) {
  process.stderr.write(`${events} events\n`)
  const history = await openHistory(events)
  const dataDir = history.copy()
  try {
    const idle = await askIdle(dataDir)
    const busy = isLast ? await askBusy(dataDir) : undefined
    const rows = await runProgram<Record<string, number>>(
      'dashboards/rows-twin.ts',
      [join(dataDir, 'clickhouse'), '3'],
      THREADS,
    )
    const dashboards = Object.fromEntries(
      Object.entries(idle).map(([name, times]) => {
        const p50 = rounded(median(times))
        return [name, { p50, worst: rounded(Math.max(...times)), ofRows: rows[name]!, faster: ratio(rows[name]!, p50) }]
      }),
    )
    process.stderr.write(`${JSON.stringify(dashboards)}\n`)
    const idleP99 = p99(Object.values(idle).flat())
    return {
      store: { rows: history.rows, parts: history.parts },
      requests: REQUESTS,
      dashboards,
      ...(busy
        ? { idleP99, busyP99: p99(busy), busyRequests: busy.length, busyToIdle: ratio(p99(busy), idleP99) }
        : {}),
    }
  } finally {
    history.close()
  }
}

/** An event of the tenant is stored before each query, so that the response comes from the store. */
async function askIdle(dataDir: string): Promise<Times> {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, dataDir, env: { ...THREADS, FLUSH_INTERVAL_MS: '50' } })
  const times: Times = {}
  try {
    for (let request = -WARM_UP; request < REQUESTS; request++)
      for (const { dashboard, timeRange } of BENCHED) {
        await invalidateResponses(service, nats)
        const time = await timeDashboard(service, dashboard, timeRange)
        if (request >= 0) (times[`${dashboard} ${timeRange}`] ??= []).push(time)
      }
    const reads = await countStoreResponses(service)
    if (reads !== (WARM_UP + REQUESTS) * BENCHED.length) throw new Error(`The store was asked ${reads} times only.`)
  } finally {
    await service.stop()
    await nats.stop()
  }
  return times
}

/** Sends queries one after the other while a backlog that contains events of the tenant is ingested. */
async function askBusy(dataDir: string): Promise<number[]> {
  const nats = await startBacklog(BACKLOG, 50)
  const service = await startService({ natsUrl: nats.url, dataDir, env: { ...THREADS, NATS_CONSUMER: 'busy' } })
  const times: number[] = []
  try {
    while ((await countStored(service)) < BACKLOG)
      for (const { dashboard, timeRange } of BENCHED) times.push(await timeDashboard(service, dashboard, timeRange))
  } finally {
    await service.stop()
    await nats.stop()
  }
  return times
}

const rounded = (ms: number) => Math.round(ms * 10) / 10

function p99(times: readonly number[]): number {
  return rounded(times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) * 0.99)]!)
}
