import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, bucketTimestamp, localHourStarts, mondayBasedWeekday } from '../time/buckets.ts'
import type { Dashboard } from '../dashboard.ts'
import { SENT_COUNT_SQL } from '../query/message-metrics-sql.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP, sumByBucket } from '../query/roll-up.ts'
import { count, granularityParameter, instant, object, rangeParameters, text } from '../schemas.ts'

const TRAFFIC_GRANULARITIES = ['hour', 'day', 'week'] as const
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

export const TrafficParameters = object(
  { ...rangeParameters('7d'), granularity: granularityParameter(TRAFFIC_GRANULARITIES, 'hour') },
  'What the traffic dashboard can be asked.',
)

export const Traffic = object(
  {
    peakHours: Type.Array(
      object(
        {
          hour: Type.Integer({ minimum: 0, maximum: 23, description: 'Hour of the local day' }),
          messageCount: count('Messages sent in that hour'),
        },
        'One hour of the day.',
        'TrafficHour',
      ),
      { description: 'All 24 hours of the local day.' },
    ),
    byDayOfWeek: Type.Array(
      object(
        { day: text('Name of the weekday'), messageCount: count('Messages sent on it') },
        'One weekday.',
        'TrafficWeekday',
      ),
      {
        description: 'All 7 weekdays, Monday first.',
      },
    ),
    timeSeries: Type.Array(
      object(
        { timestamp: instant('Start of the bucket'), messageCount: count('Messages sent in it') },
        'One bucket.',
        'TrafficBucket',
      ),
      { description: 'One item per bucket, ascending, empty buckets included.' },
    ),
  },
  'When messages are sent.',
  'Traffic',
)
export type Traffic = Static<typeof Traffic>

export interface TrafficFilters {
  readonly granularity?: (typeof TRAFFIC_GRANULARITIES)[number] | undefined
}

/** The local hours are read once; hours of the day, weekdays and the buckets of any size are sums of them. */
export const trafficDashboard: Dashboard<TrafficFilters, Traffic> = async (
  port,
  { tenantId, range, zone, granularity = 'hour' },
) => {
  const hours = localHourStarts(range, zone)
  const counts = countsSql({
    rollUp: QUARTER_HOUR_ROLL_UP,
    range,
    buckets: hours,
    counts: SENT_COUNT_SQL,
    eventTypesSql: "event_type = 'message_sent'",
  })
  const sql = `SELECT * FROM ${counts.sql}`
  const rows = sumByBucket(
    await port.query(tenantId, tenantQuery<{ bucket: number; sent: number }>('traffic', sql, counts.parameters)),
    ['sent'],
  )
  const byHour = Array.from({ length: 24 }, () => 0)
  const byWeekday = WEEKDAYS.map(() => 0)
  for (const { bucket, sent } of rows) {
    const local = zone.wallTime(bucket)
    byHour[local.getUTCHours()]! += sent
    byWeekday[mondayBasedWeekday(local)]! += sent
  }
  const buckets = bucketStarts(range, granularity, zone)
  return {
    peakHours: byHour.map((messageCount, hour) => ({ hour, messageCount })),
    byDayOfWeek: WEEKDAYS.map((day, index) => ({ day, messageCount: byWeekday[index]! })),
    timeSeries: await denseSeries(buckets, sumIntoBuckets(buckets, rows), (row, start) => ({
      timestamp: bucketTimestamp(start, granularity, zone),
      messageCount: row?.sent ?? 0,
    })),
  }
}

/** Sums ascending hours into the larger buckets they lie in. */
function sumIntoBuckets(buckets: readonly number[], hours: readonly { bucket: number; sent: number }[]) {
  const sums = buckets.map((bucket) => ({ bucket, sent: 0 }))
  let index = 0
  for (const { bucket, sent } of hours) {
    while (index + 1 < buckets.length && buckets[index + 1]! <= bucket) index++
    sums[index]!.sent += sent
  }
  return sums
}
