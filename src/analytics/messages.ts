import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, bucketTimestamp, GRANULARITIES, type Granularity } from './buckets.ts'
import type { Dashboard } from './dashboard.ts'
import { readMessages } from './message-activity.ts'
import { addSeven, NO_MESSAGES, pickSeven, type SevenCounts } from './message-totals.ts'
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

export const messages: Dashboard<MessagesFilters, Messages> = async (port, request) => {
  const { range, zone, channel, granularity = 'day' } = request
  const buckets = bucketStarts(range, granularity, zone)
  const { byBucket, byChannel } = await readMessages('messages', port, request, buckets, channel)
  return {
    summary: byChannel.reduce<SevenCounts>(addSeven, NO_MESSAGES),
    timeSeries: await denseSeries(buckets, byBucket, (row, start) => ({
      timestamp: bucketTimestamp(start, granularity, zone),
      ...pickSeven(row ?? NO_MESSAGES),
    })),
    byChannel: byChannel
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
