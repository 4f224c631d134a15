/** Measures the duration of cohorts over HTTP without a cache on a long history of the biggest tenant. */
import type { CohortRequest } from '../../../src/analytics/cohorts/cohort-request.ts'
import { timePosts } from './time-posts.ts'

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

export function benchCohorts(events: number, requests: number) {
  return timePosts({ path: 'cohorts', bodies: COHORTS, events, requests })
}
