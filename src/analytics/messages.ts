import { type Static, Type } from '@sinclair/typebox'
import { BUCKET_SQL, bucketStarts, denseSeries, formatInstant, GRANULARITIES, type Granularity } from './buckets.ts'
import { type Dashboard, equalityFilter, IN_RANGE_SQL } from './dashboard.ts'
import {
  addSeven,
  IS_MESSAGE_SQL,
  NO_MESSAGES,
  pickSeven,
  SEVEN_COUNTS_SQL,
  type SevenCounts,
} from './message-counts.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import {
  channelParameter,
  count,
  fourCounts,
  granularityParameter,
  instant,
  object,
  percentage,
  rangeParameters,
  sevenCounts,
  text,
} from './schemas.ts'

export const MessagesParameters = object(
  { ...rangeParameters('7d'), channel: channelParameter(), granularity: granularityParameter(GRANULARITIES, 'day') },
  'What the messages dashboard can be asked.',
)

export const Messages = object(
  {
    summary: object(sevenCounts(), 'Totals of the range.'),
    timeSeries: Type.Array(
      object({ timestamp: instant('Start of the bucket'), ...sevenCounts() }, 'Counts of one bucket.'),
      {
        description: 'One item a bucket, ascending, empty ones included; they add up to the summary.',
      },
    ),
    byChannel: Type.Array(
      object(
        {
          channel: text('email, sms, whatsapp or push'),
          ...fourCounts(),
          bounced: count('Messages bounced'),
          deliveryRate: percentage('Delivered ÷ sent'),
          openRate: percentage('Opened ÷ delivered'),
          clickRate: percentage('Clicked ÷ delivered'),
          bounceRate: percentage('Bounced ÷ sent'),
        },
        'Counts and rates of one channel.',
      ),
      { description: 'The channels that have events, most sent first.' },
    ),
  },
  'Messages of a range, by time and by channel.',
)
export type Messages = Static<typeof Messages>

export interface MessagesFilters {
  readonly channel?: string | undefined
  readonly granularity?: Granularity | undefined
}

interface Row extends SevenCounts {
  bucket: number
  channel: string
  is_total: number
}

const sql = (filter: string) => `
  SELECT ${BUCKET_SQL} AS bucket, channel, grouping(channel) AS is_total, ${SEVEN_COUNTS_SQL}
  FROM analytics_events WHERE tenant_id = {tenant:String} AND ${IS_MESSAGE_SQL} AND ${IN_RANGE_SQL}${filter}
  GROUP BY GROUPING SETS ((bucket), (channel))`

export const messages: Dashboard<MessagesFilters, Messages> = async (
  port,
  { tenantId, range, zone, channel, granularity = 'day' },
) => {
  const buckets = bucketStarts(range, granularity, zone)
  const filter = equalityFilter('channel', 'channel', channel)
  const rows = await port.query(
    tenantId,
    tenantQuery<Row>('messages', sql(filter.sql), { ...range, buckets, ...filter.parameters }),
  )
  const channels = rows.filter((row) => row.is_total === 0)
  const series = rows.filter((row) => row.is_total === 1)
  return {
    summary: channels.reduce<SevenCounts>(addSeven, NO_MESSAGES),
    timeSeries: denseSeries(buckets, series, (row, start) => ({
      timestamp: formatInstant(start),
      ...pickSeven(row ?? NO_MESSAGES),
    })),
    byChannel: channels
      .filter((row) => row.channel !== '')
      .toSorted((a, b) => b.sent - a.sent || (a.channel < b.channel ? -1 : 1))
      .map(({ channel: name, sent, delivered, opened, clicked, bounced }) => ({
        channel: name,
        sent,
        delivered,
        opened,
        clicked,
        bounced,
        deliveryRate: rate(delivered, sent),
        openRate: rate(opened, delivered),
        clickRate: rate(clicked, delivered),
        bounceRate: rate(bounced, sent),
      })),
  }
}
