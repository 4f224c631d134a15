/**
 * The counts of the live stream: events of a range by type and channel. Each rule stands here twice, for the rows of the store and for one event, so that both stay the
 * same.
 */
import type { TSchema } from '@sinclair/typebox'
import type { EventRow } from '../events/event-row.ts'
import { DIMENSIONS, type DimensionFilters, FILTER_DIMENSIONS, filterSql } from './dimensions.ts'
import { COUNTS } from './metrics.ts'
import { channelParameter, entityIdParameter } from './parameters.ts'
import { countsSql, DAILY_ROLL_UP, EVENT_COUNT_SQL } from './query/roll-up.ts'
import { type QueryPort, tenantQuery } from './query/tenant-query.ts'
import type { TimeRange } from './time/time-range.ts'

/** An event has to match each filter that is given. */
export type LiveFilters = DimensionFilters

export const liveFilterParameters = () =>
  ({
    channel: channelParameter(),
    campaignId: entityIdParameter('campaign'),
    workflowId: entityIdParameter('workflow'),
    sequenceId: entityIdParameter('sequence'),
    templateId: entityIdParameter('template'),
  }) satisfies Record<keyof LiveFilters, TSchema>

export interface LiveEventCount {
  /** As stored; one event type for all enrollment events that no metric counts. */
  readonly eventType: string
  /** The empty text for events without one. */
  readonly channel: string
  readonly count: number
}

/**
 * Producers choose the last part of the event type of an enrollment event. Each type that has a meaning of its own is counted by itself, all others together: the size
 * of a stream is bounded, whatever a tenant sends.
 */
const ENROLLMENT_PREFIX = 'sequence_enrollment_'
const KNOWN_ENROLLMENT_TYPES = [`${ENROLLMENT_PREFIX}started`, ...COUNTS.endedEnrollments.eventTypes]
/** The event type under which all others are counted. No event has it. */
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

/** The counts of the stored events. Rejects with a StoreFailure. */
export async function readLiveEventCounts(
  port: QueryPort,
  tenantId: string,
  range: TimeRange,
  filters: LiveFilters,
): Promise<LiveEventCount[]> {
  const filter = filterSql(filters)
  const counts = countsSql({
    rollUp: DAILY_ROLL_UP,
    range,
    keys: ['event_type', 'channel'],
    counts: EVENT_COUNT_SQL,
    rowsSql: "event_type != ''",
    filter: filter.sql,
  })
  const sql = `SELECT ${LIVE_EVENT_TYPE_SQL} AS live_type, channel, sum(events) AS total FROM ${counts.sql} GROUP BY live_type, channel`
  const parameters = { ...counts.parameters, ...filter.parameters }
  const rows = await port.query(
    tenantId,
    tenantQuery<{ live_type: string; channel: string; total: number }>('live', sql, parameters),
  )
  return rows
    .filter(({ total }) => total > 0)
    .map(({ live_type, channel, total }) => ({ eventType: live_type, channel, count: total }))
}

/** Whether an event of the tenant is in the range and matches the filters. */
export function matchesLiveQuery(row: EventRow, { start, end }: TimeRange, filters: LiveFilters): boolean {
  if (row.occurred_at < start || row.occurred_at > end) return false
  return FILTER_DIMENSIONS.every((name) => {
    const { column, parameter } = DIMENSIONS[name]
    return filters[parameter] === undefined || row[column] === filters[parameter]
  })
}
