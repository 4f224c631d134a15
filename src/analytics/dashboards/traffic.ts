import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { namedMetricFields } from '../metric-fields.ts'
import { granularityParameter } from '../parameters.ts'
import { eventCountsSql, isCountedSql } from '../query/metric-sql.ts'
import { countsSql, QUARTER_HOUR_ROLL_UP, sumByBucket } from '../query/roll-up.ts'
import { tenantQuery } from '../query/tenant-query.ts'
import { instant, object, text } from '../schemas.ts'
import {
  bucketStarts,
  bucketTimestamp,
  denseSeries,
  localHourStarts,
  mondayBasedWeekday,
  WEEKDAYS,
} from '../time/buckets.ts'

const DEFAULT_GRANULARITY = 'hour'
const HOURS_PER_DAY = 24

const COUNT = namedMetricFields({ messageCount: 'sent' })

export type Traffic = Static<typeof traffic.data>

export const traffic = defineDashboard({
  name: 'traffic',
  preset: '7d',
  parameters: { granularity: granularityParameter(['hour', 'day', 'week'], DEFAULT_GRANULARITY) },
  data: object(
    {
      peakHours: Type.Array(
        object(
          {
            hour: Type.Integer({ minimum: 0, maximum: HOURS_PER_DAY - 1, description: 'Hour of the local day' }),
            ...COUNT.schemas,
          },
          'One hour of the day.',
          'TrafficHour',
        ),
        { description: 'All 24 hours of the local day.' },
      ),
      byDayOfWeek: Type.Array(
        object({ day: text('Name of the weekday'), ...COUNT.schemas }, 'One weekday.', 'TrafficWeekday'),
        { description: 'All 7 weekdays, Monday first.' },
      ),
      timeSeries: Type.Array(
        object({ timestamp: instant('Start of the bucket'), ...COUNT.schemas }, 'One bucket.', 'TrafficBucket'),
        { description: 'One item per bucket, ascending, empty buckets included.' },
      ),
    },
    'When messages are sent.',
    'Traffic',
  ),
  mainTable: 'timeSeries',

  /** Reads local hours: hours of the day, weekdays and buckets of any size are sums of them. */
  async query(port, { tenantId, range, zone }) {
    const { sql, parameters } = countsSql({
      rollUp: QUARTER_HOUR_ROLL_UP,
      range,
      buckets: localHourStarts(range, zone),
      counts: eventCountsSql(['sent']),
      rowsSql: isCountedSql('sent'),
    })
    const query = tenantQuery<HourRow>('traffic', `SELECT * FROM ${sql}`, parameters)
    return sumByBucket(await port.query(tenantId, query), ['sent'])
  },

  async shape(hours, { bucketRange, zone, granularity = DEFAULT_GRANULARITY }) {
    const byHour = Array.from({ length: HOURS_PER_DAY }, () => 0)
    const byWeekday = WEEKDAYS.map(() => 0)
    for (const { bucket, sent } of hours) {
      const local = zone.wallTime(bucket)
      byHour[local.getUTCHours()]! += sent
      byWeekday[mondayBasedWeekday(local)]! += sent
    }
    const buckets = bucketStarts(bucketRange, granularity, zone)
    return {
      peakHours: byHour.map((sent, hour) => ({ hour, ...COUNT.values({ sent }) })),
      byDayOfWeek: WEEKDAYS.map((day, index) => ({ day, ...COUNT.values({ sent: byWeekday[index]! }) })),
      timeSeries: await denseSeries(buckets, sumIntoBuckets(buckets, hours), (row, start) => ({
        timestamp: bucketTimestamp(start, granularity, zone),
        ...COUNT.values(row ?? { sent: 0 }),
      })),
    }
  },

  docs: { summary: 'Sending times', description: 'Messages sent by hour of the day, by weekday and over time.' },
  example: {
    peakHours: [0, 0, 0, 0, 0, 0, 0, 60, 161, 290, 324, 202, 145, 146, 183, 169, 138, 77, 56, 33, 16, 0, 0, 0].map(
      (messageCount, hour) => ({ hour, messageCount }),
    ),
    byDayOfWeek: [678, 720, 602, 0, 0, 0, 0].map((messageCount, index) => ({ day: WEEKDAYS[index]!, messageCount })),
    timeSeries: [
      { timestamp: '2026-01-26T00:00:00Z', messageCount: 678 },
      { timestamp: '2026-01-27T00:00:00Z', messageCount: 720 },
      { timestamp: '2026-01-28T00:00:00Z', messageCount: 602 },
    ],
  },
})

interface HourRow {
  readonly bucket: number
  readonly sent: number
}

/** Sums ascending hours into the larger buckets that they lie in. */
function sumIntoBuckets(buckets: readonly number[], hours: readonly HourRow[]) {
  const sums = buckets.map((bucket) => ({ bucket, sent: 0 }))
  let index = 0
  for (const { bucket, sent } of hours) {
    while (index + 1 < buckets.length && buckets[index + 1]! <= bucket) index++
    sums[index]!.sent += sent
  }
  return sums
}
