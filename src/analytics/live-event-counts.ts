/**
 * What the live stream counts: events of a range by type and channel. Each rule stands here twice, for the store's rows and for one event, so that both stay the same.
 */
import type { EventRow } from '../events/event-row.ts'
import { equalityFilter } from './dashboard.ts'
import { type QueryPort, tenantQuery } from './query/tenant-query.ts'
import { EVENT_COUNT_SQL, countsSql, DAILY_ROLL_UP } from './query/roll-up.ts'
import { channelParameter, entityIdParameter } from './schemas.ts'
import type { TimeRange } from './time/time-range.ts'

/** Optional, all of them; an event has to meet each. */
export interface LiveFilters {
  readonly channel?: string | undefined
  readonly campaignId?: string | undefined
  readonly workflowId?: string | undefined
  readonly sequenceId?: string | undefined
  readonly templateId?: string | undefined
}

export const liveFilterParameters = () => ({
  channel: channelParameter(),
  campaignId: entityIdParameter('campaign'),
  workflowId: entityIdParameter('workflow'),
  sequenceId: entityIdParameter('sequence'),
  templateId: entityIdParameter('template'),
})

export interface LiveEventCount {
  /** As stored; of kinds of enrollments that have no meaning of their own, one for all. */
  readonly eventType: string
  /** The empty text for events without one. */
  readonly channel: string
  readonly count: number
}

/** Producers make up kinds of enrollment events. Those with a meaning of their own are counted apart, all others together: a stream stays small, whatever a tenant sends. */
const ENROLLMENT_PREFIX = 'sequence_enrollment_'
const KNOWN_ENROLLMENT_TYPES = ['started', 'completed', 'replied', 'exited', 'unsubscribed', 'bounced'].map(
  (kind) => ENROLLMENT_PREFIX + kind,
)
/** The event type under which the others are counted. No event has it. */
const OTHER_ENROLLMENT_TYPES = `${ENROLLMENT_PREFIX}*`
const LIVE_EVENT_TYPE_SQL =
  `if(startsWith(event_type, '${ENROLLMENT_PREFIX}') AND event_type NOT IN (${KNOWN_ENROLLMENT_TYPES.map((type) => `'${type}'`).join(', ')}), ` +
  `'${OTHER_ENROLLMENT_TYPES}', event_type)`

/** The event type under which an event is counted. */
export function liveEventType(eventType: string): string {
  return eventType.startsWith(ENROLLMENT_PREFIX) && !KNOWN_ENROLLMENT_TYPES.includes(eventType)
    ? OTHER_ENROLLMENT_TYPES
    : eventType
}

const FILTER_COLUMNS = {
  channel: 'channel',
  campaignId: 'campaign_id',
  workflowId: 'workflow_id',
  sequenceId: 'sequence_id',
  templateId: 'template_id',
} as const satisfies Record<keyof LiveFilters, keyof EventRow>

const FILTER_ENTRIES = Object.entries(FILTER_COLUMNS) as [
  keyof LiveFilters,
  (typeof FILTER_COLUMNS)[keyof LiveFilters],
][]

/** The counts of what is stored. Rejects with a StoreFailure. */
export async function readLiveEventCounts(
  port: QueryPort,
  tenantId: string,
  range: TimeRange,
  filters: LiveFilters,
): Promise<LiveEventCount[]> {
  const conditions = FILTER_ENTRIES.map(([name, column]) => equalityFilter(column, name, filters[name]))
  const counts = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['event_type', 'channel'],
    counts: EVENT_COUNT_SQL,
    eventTypesSql: "event_type != ''",
    filter: conditions.map(({ sql }) => sql).join(''),
  })
  const sql = `SELECT ${LIVE_EVENT_TYPE_SQL} AS live_type, channel, sum(events) AS total FROM ${counts.sql} GROUP BY live_type, channel`
  const parameters = Object.assign({}, counts.parameters, ...conditions.map((condition) => condition.parameters))
  const rows = await port.query(
    tenantId,
    tenantQuery<{ live_type: string; channel: string; total: number }>('live', sql, parameters),
  )
  return rows
    .filter(({ total }) => total > 0)
    .map(({ live_type, channel, total }) => ({ eventType: live_type, channel, count: total }))
}

/** Whether an event of the tenant counts. */
export function matchesLiveQuery(row: EventRow, { start, end }: TimeRange, filters: LiveFilters): boolean {
  if (row.occurred_at < start || row.occurred_at > end) return false
  for (const [name, column] of FILTER_ENTRIES)
    if (filters[name] !== undefined && row[column] !== filters[name]) return false
  return true
}
