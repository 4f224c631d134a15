/** Measures the duration of queries over HTTP without a cache on a long history of the biggest tenant. */
import type { QueryRequest } from '../../../src/analytics/custom-query/query-request.ts'
import { timePosts } from './time-posts.ts'

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

/** Over 30 days. */
export function benchQueries(events: number, requests: number) {
  const ranged = Object.entries(QUERIES).map(([name, query]) => [name, { ...query, timeRange: '30d' }] as const)
  return timePosts({ path: 'query', bodies: Object.fromEntries(ranged), events, requests })
}
