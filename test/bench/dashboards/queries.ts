/** Measures the duration of queries over HTTP without a cache on a long history of the biggest tenant. */
import type { QueryRequest } from '../../../src/analytics/custom-query/query-request.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { countStoreResponses, invalidateResponses, timePost } from './ask-dashboards.ts'

/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 2

const QUERIES: Readonly<Record<string, QueryRequest>> = {
  'roll-up by channel': { metrics: ['sent', 'opened', 'openRate'], dimensions: ['channel'] },
  'roll-up by campaign': { metrics: ['sent', 'opened', 'openRate'], dimensions: ['campaign'] },
  'facts by channel and campaign': { metrics: ['messages', 'humanOpenRate'], dimensions: ['channel', 'campaign'] },
  'facts by campaign and recipient domain': {
    metrics: ['messages', 'humanOpenRate'],
    dimensions: ['campaign', 'recipientDomain'],
  },
  'facts with medians': { metrics: ['messages', 'medianSecondsToOpen'], dimensions: ['channel', 'campaign'] },
  'rows by hour and channel': { metrics: ['sent', 'opened'], dimensions: ['hourOfDay', 'channel'] },
  'distinct recipients by channel': { metrics: ['recipients'], dimensions: ['channel'] },
  'opens by class': { metrics: ['opened', 'uniqueOpens'], dimensions: ['actorClass'] },
}

/** Milliseconds are medians of `requests` answers over 30 days, each read from the store. */
export async function benchQueries(events: number, requests: number) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  const env = { ...THREADS, FLUSH_INTERVAL_MS: '50' }
  const service = await startService({ natsUrl: nats.url, dataDir: history.copy(), env })
  const times: Record<string, number[]> = {}
  try {
    for (let request = -WARM_UP; request < requests; request++)
      for (const [name, query] of Object.entries(QUERIES)) {
        await invalidateResponses(service, nats)
        const time = await timePost(service, 'query', { ...query, timeRange: '30d' })
        if (request >= 0) (times[name] ??= []).push(time)
      }
    const reads = await countStoreResponses(service)
    const expected = (WARM_UP + requests) * Object.keys(QUERIES).length
    if (reads !== expected) throw new Error(`The store was asked ${reads} times, not ${expected}.`)
  } finally {
    await service.stop()
    await nats.stop()
    history.close()
  }
  const medians = Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10] as const)
  return { store: { rows: history.rows, parts: history.parts }, requests, queries: Object.fromEntries(medians) }
}
