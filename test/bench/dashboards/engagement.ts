/** Measures the duration of the dashboards with engagement over HTTP without a cache on long histories of the biggest tenant. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { ratio } from '../ingestion/backlog.ts'
import { median, THREADS } from '../measure/machine.ts'
import { countStoreResponses, invalidateResponses, timeDashboard } from './ask-dashboards.ts'

const REQUESTS = 25
/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 5

const QUERIES = (['overview', 'messages', 'campaigns', 'templates'] as const).flatMap((dashboard) =>
  (['30d', '90d'] as const).flatMap((timeRange) => [
    { name: `${dashboard} ${timeRange}`, dashboard, query: timeRange },
    // Messages with events after the instant until which the older side counts are calculated one by one.
    { name: `${dashboard} ${timeRange} compared`, dashboard, query: `${timeRange}&compare=previous` },
  ]),
)

/** Fills a store for each size in ascending order and queries it; the growth compares the largest with the smallest. Milliseconds are medians. */
export async function benchEngagement(sizes: readonly number[]) {
  const bySize: Awaited<ReturnType<typeof measure>>[] = []
  for (const events of sizes) bySize.push(await measure(events))
  const [first, last] = [bySize[0]!, bySize.at(-1)!]
  const growth = Object.fromEntries(
    Object.keys(first.dashboards).map((name) => [name, ratio(last.dashboards[name]!, first.dashboards[name]!)]),
  )
  return { growth, bySize }
}

async function measure(events: number) {
  process.stderr.write(`${events} events\n`)
  const history = await openHistory(events)
  try {
    const times = await ask(history.copy())
    const dashboards = Object.fromEntries(
      Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10]),
    )
    process.stderr.write(`${JSON.stringify(dashboards)}\n`)
    return { store: { rows: history.rows, parts: history.parts }, requests: REQUESTS, dashboards }
  } finally {
    history.close()
  }
}

/** An event of the tenant is stored before each query, so that the response comes from the store. */
async function ask(dataDir: string): Promise<Record<string, number[]>> {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, dataDir, env: { ...THREADS, FLUSH_INTERVAL_MS: '50' } })
  const times: Record<string, number[]> = {}
  try {
    for (let request = -WARM_UP; request < REQUESTS; request++)
      for (const { name, dashboard, query } of QUERIES) {
        await invalidateResponses(service, nats)
        const time = await timeDashboard(service, dashboard, query)
        if (request >= 0) (times[name] ??= []).push(time)
      }
    const reads = await countStoreResponses(service)
    if (reads !== (WARM_UP + REQUESTS) * QUERIES.length) throw new Error(`The store was asked ${reads} times only.`)
  } finally {
    await service.stop()
    await nats.stop()
  }
  return times
}
