/** Random legal requests of cohorts. */
import { DIMENSION_NAMES } from '../../../../src/analytics/dimensions.ts'
import type { Chance } from '../../base/random.ts'
import { type FilterValues, randomFilter } from './random-query.ts'
import type { CohortBody } from './slow-cohorts.ts'
import { dateOf, DAY_MS, localDay } from '../zone.ts'

const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'America/Havana']
const EVENTS = ['message_sent', 'message_opened', 'message_clicked', 'contact_updated', 'message_bounced']

export function randomCohorts(chance: Chance, nowMs: number, values: FilterValues): CohortBody {
  const timezone = chance.pick(ZONES)
  const day = (daysAgo: number) => dateOf(localDay(nowMs, timezone) - daysAgo)
  const instant = (daysAgo: number) => new Date(nowMs - daysAgo * DAY_MS - chance.below(DAY_MS)).toISOString()
  const filter = (share: number) =>
    chance.hits(share) ? { filter: randomFilter(chance, DIMENSION_NAMES, values, 0) } : {}
  const shared = {
    timezone,
    cohort: chance.pick(['day', 'week', 'month'] as const),
    periods: 1 + chance.below(chance.pick([4, 14, 60])),
    ...chance.pick([
      { timeRange: '7d' },
      { timeRange: '30d' },
      { timeRange: '90d' },
      { startDate: day(20), endDate: day(3) },
      { startDate: instant(33), endDate: instant(2) },
      { startDate: day(390), endDate: day(341) },
    ]),
  }
  if (chance.hits(0.4))
    return {
      kind: 'engagement',
      event: chance.pick(['opened', 'clicked'] as const),
      human: chance.hits(0.5),
      period: chance.pick(['hour', 'day', 'week'] as const),
      ...filter(0.5),
      ...shared,
    }
  const start = { event: chance.pick(EVENTS), ...filter(0.35) }
  const isSameEvent = chance.hits(0.35)
  return {
    kind: 'retention',
    start,
    return: isSameEvent ? { ...start, ...filter(0.5) } : { event: chance.pick(EVENTS), ...filter(0.35) },
    counting: chance.pick(['on', 'onOrAfter'] as const),
    mode: chance.pick(['firstTime', 'recurring'] as const),
    ...shared,
  }
}
