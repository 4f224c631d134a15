/** Measures the duration of cohorts over HTTP without a cache on a long history of the biggest tenant. */
import type { CohortRequest } from '../../../src/analytics/cohorts/cohort-request.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { startService } from '../../support/process/service.ts'
import { openHistory } from '../history/open-history.ts'
import { median, THREADS } from '../measure/machine.ts'
import { countStoreResponses, invalidateResponses, timePost } from './ask-dashboards.ts'

/** Number of rounds before the measurement, while a new service compiles its code and opens its files for the first time. */
const WARM_UP = 2

const ENGAGEMENT = { kind: 'engagement', period: 'day', periods: 14, cohort: 'day', timeRange: '30d' } as const
const RETENTION = {
  kind: 'retention',
  start: { event: 'message_sent' },
  cohort: 'week',
  periods: 12,
  counting: 'on',
  mode: 'firstTime',
  timeRange: '90d',
} as const

const COHORTS: Readonly<Record<string, CohortRequest>> = {
  'decay of human opens, 30 days': { ...ENGAGEMENT, event: 'opened', human: true },
  'decay of clicks of one channel, 30 days': {
    ...ENGAGEMENT,
    event: 'clicked',
    human: false,
    filter: { dimension: 'channel', operator: 'in', values: ['email'] },
  },
  'retention by opens, 12 weeks': { ...RETENTION, return: { event: 'message_opened' } },
  'retention by opens or later, 12 weeks': {
    ...RETENTION,
    return: { event: 'message_opened' },
    counting: 'onOrAfter',
  },
  'retention by clicks of recurring cohorts, 12 weeks': {
    ...RETENTION,
    return: { event: 'message_clicked' },
    mode: 'recurring',
  },
  'retention by sendings, 12 weeks': { ...RETENTION, return: { event: 'message_sent' } },
}

/** Milliseconds are medians of `requests` answers, each read from the store. */
export async function benchCohorts(events: number, requests: number) {
  const history = await openHistory(events)
  const nats = await startNatsServer()
  const env = { ...THREADS, FLUSH_INTERVAL_MS: '50' }
  const service = await startService({ natsUrl: nats.url, dataDir: history.copy(), env })
  const times: Record<string, number[]> = {}
  try {
    for (let request = -WARM_UP; request < requests; request++)
      for (const [name, body] of Object.entries(COHORTS)) {
        await invalidateResponses(service, nats)
        const time = await timePost(service, 'cohorts', body)
        if (request >= 0) (times[name] ??= []).push(time)
      }
    const reads = await countStoreResponses(service)
    const expected = (WARM_UP + requests) * Object.keys(COHORTS).length
    if (reads !== expected) throw new Error(`The store was asked ${reads} times, not ${expected}.`)
  } finally {
    await service.stop()
    await nats.stop()
    history.close()
  }
  const medians = Object.entries(times).map(([name, each]) => [name, Math.round(median(each) * 10) / 10] as const)
  return { store: { rows: history.rows, parts: history.parts }, requests, cohorts: Object.fromEntries(medians) }
}
