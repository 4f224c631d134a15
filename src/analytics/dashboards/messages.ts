import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, bucketTimestamp, GRANULARITIES, type Granularity } from '../time/buckets.ts'
import type { Dashboard } from '../dashboard.ts'
import { readMessageActivity } from '../query/message-activity.ts'
import { addMessageCounts, ZERO_MESSAGE_COUNTS, pickMessageCounts, type MessageCounts } from '../metrics.ts'
import { rate } from '../rates.ts'
import {
  bounceRate,
  channelParameter,
  clickRate,
  count,
  deliveryRate,
  coreMessageCountsSchema,
  granularityParameter,
  instant,
  object,
  openRate,
  rangeParameters,
  messageCountsSchema,
  text,
} from '../schemas.ts'

export const MessagesParameters = object(
  { ...rangeParameters('7d'), channel: channelParameter(), granularity: granularityParameter(GRANULARITIES, 'day') },
  'What the messages dashboard can be asked.',
)

export const Messages = object(
  {
    summary: object(messageCountsSchema(), 'Totals of the range.', 'MessagesSummary'),
    timeSeries: Type.Array(
      object(
        { timestamp: instant('Start of the bucket'), ...messageCountsSchema() },
        'Counts of one bucket.',
        'MessagesBucket',
      ),
      {
        description: 'One item per bucket, ascending, empty buckets included. The items add up to the summary.',
      },
    ),
    byChannel: Type.Array(
      object(
        {
          channel: text('email, sms, whatsapp or push; none for messages without a channel'),
          ...coreMessageCountsSchema(),
          bounced: count('Messages bounced'),
          deliveryRate: deliveryRate(),
          openRate: openRate(),
          clickRate: clickRate(),
          bounceRate: bounceRate(),
        },
        'Counts and rates of one channel.',
        'MessagesChannel',
      ),
      { description: 'The channels that have events, most sent first; they add up to the summary.' },
    ),
  },
  'Messages of a range, by time and by channel.',
  'Messages',
)
export type Messages = Static<typeof Messages>

export interface MessagesFilters {
  readonly channel?: string | undefined
  readonly granularity?: Granularity | undefined
}

export const messagesDashboard: Dashboard<MessagesFilters, Messages> = async (port, request) => {
  const { range, zone, channel, granularity = 'day' } = request
  const buckets = bucketStarts(range, granularity, zone)
  const { byBucket, byChannel } = await readMessageActivity('messages', port, request, buckets, channel)
  return {
    summary: byChannel.reduce<MessageCounts>(addMessageCounts, ZERO_MESSAGE_COUNTS),
    timeSeries: await denseSeries(buckets, byBucket, (row, start) => ({
      timestamp: bucketTimestamp(start, granularity, zone),
      ...pickMessageCounts(row ?? ZERO_MESSAGE_COUNTS),
    })),
    byChannel: byChannel
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
