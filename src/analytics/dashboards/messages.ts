import { type Static, Type } from '@sinclair/typebox'
import { CHANNELS, NO_CHANNEL } from '../../base/channels.ts'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { engagementCountsSchema, engagementSchema } from '../engagement/engagement-fields.ts'
import { engagementCountsExample, engagementExample } from '../engagement/engagement-example.ts'
import { requireFacts } from '../engagement/facts-as-of.ts'
import { matureSchema } from '../engagement/mature-schema.ts'
import { maturityAt } from '../engagement/maturity.ts'
import { readEngagement } from '../engagement/read-engagement.ts'
import { addMessageCounts, CORE_MESSAGE_METRICS, type MessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import { metricFields } from '../metric-fields.ts'
import { MESSAGE_METRICS } from '../metrics.ts'
import { channelParameter, granularityParameter } from '../parameters.ts'
import { readMessageActivity } from '../query/message-activity.ts'
import { MESSAGES_BY_QUARTER_HOUR } from '../query/roll-up.ts'
import { instant, object, text } from '../schemas.ts'
import { bucketStarts, bucketTimestamp, denseSeries, GRANULARITIES } from '../time/buckets.ts'

const DEFAULT_GRANULARITY = 'day'

const COUNTS = metricFields(...MESSAGE_METRICS)
const CHANNEL_METRICS = metricFields(
  ...CORE_MESSAGE_METRICS,
  'bounced',
  'deliveryRate',
  'openRate',
  'clickRate',
  'bounceRate',
)

export type Messages = Static<typeof messages.data>

export const messages = defineDashboard({
  name: 'messages',
  preset: '7d',
  parameters: {
    channel: channelParameter(),
    granularity: granularityParameter(GRANULARITIES, DEFAULT_GRANULARITY),
  },
  data: object(
    {
      summary: object(COUNTS.schemas, 'Totals of the range.', 'MessagesSummary'),
      engagement: engagementSchema,
      timeSeries: Type.Array(
        object(
          {
            timestamp: instant('Start of the bucket'),
            ...COUNTS.schemas,
            engagement: engagementCountsSchema,
            mature: matureSchema,
          },
          'Counts of one bucket.',
          'MessagesBucket',
        ),
        { description: 'One item per bucket, ascending, empty buckets included. The items add up to the summary.' },
      ),
      byChannel: Type.Array(
        object(
          {
            channel: text(
              `${CHANNELS.slice(0, -1).join(', ')} or ${CHANNELS.at(-1)!}; none for messages without a channel`,
            ),
            ...CHANNEL_METRICS.schemas,
            engagement: engagementSchema,
          },
          'Counts and rates of one channel.',
          'MessagesChannel',
        ),
        { description: 'The channels that have events, most sent first; they add up to the summary.' },
      ),
    },
    'Messages of a range, by time and by channel.',
    'Messages',
  ),
  dependsOnRules: true,
  mainTable: 'timeSeries',

  async query(port, request) {
    const { bucketRange, zone, channel, granularity = DEFAULT_GRANULARITY } = request
    const buckets = bucketStarts(bucketRange, granularity, zone)
    const [activity, engagement] = await Promise.all([
      readMessageActivity('messages', port, request, buckets, channel),
      readEngagement(port, request, {
        name: 'messages',
        rollUp: MESSAGES_BY_QUARTER_HOUR,
        column: 'channel',
        buckets,
        filter: filterSql({ channel }),
      }),
    ])
    return { buckets, ...activity, engagement }
  },

  async shape({ buckets, byBucket, byChannel, engagement }, request) {
    const { zone, granularity = DEFAULT_GRANULARITY } = request
    const isMature = maturityAt(requireFacts(request).until, buckets, granularity, zone)
    return {
      summary: COUNTS.values(byChannel.reduce<MessageCounts>(addMessageCounts, ZERO_MESSAGE_COUNTS)),
      engagement: engagement.total,
      timeSeries: await denseSeries(buckets, byBucket, (counts, start) => ({
        timestamp: bucketTimestamp(start, granularity, zone),
        ...COUNTS.values(counts ?? ZERO_MESSAGE_COUNTS),
        engagement: engagement.ofBucket(start),
        mature: isMature(start),
      })),
      byChannel: byChannel
        .toSorted((a, b) => b.sent - a.sent || (a.channel < b.channel ? -1 : 1))
        .map((counts) => ({
          channel: counts.channel,
          ...CHANNEL_METRICS.values(counts),
          engagement: engagement.of(counts.channel === NO_CHANNEL ? '' : counts.channel),
        })),
    }
  },

  docs: {
    summary: 'Messages by time and channel',
    description: 'Message counts of the range in time buckets of the chosen size, and counts and rates by channel.',
  },
  example: {
    summary: exampleCounts(2000, 1935, 950, 320, 65, 4, 10),
    engagement: engagementExample(2000, 1935, 790, 610, 260, 215, 65, 4, 10),
    timeSeries: [
      {
        timestamp: '2026-01-26T00:00:00Z',
        ...exampleCounts(678, 656, 322, 96, 22, 2, 4),
        engagement: engagementCountsExample(678, 656, 268, 207, 79, 65, 22, 2, 4),
        mature: false,
      },
      {
        timestamp: '2026-01-27T00:00:00Z',
        ...exampleCounts(720, 701, 332, 110, 19, 2, 5),
        engagement: engagementCountsExample(720, 701, 276, 213, 89, 74, 19, 2, 5),
        mature: false,
      },
      {
        timestamp: '2026-01-28T00:00:00Z',
        ...exampleCounts(602, 578, 296, 114, 24, 0, 1),
        engagement: engagementCountsExample(602, 578, 246, 190, 92, 76, 24, 0, 1),
        mature: false,
      },
    ],
    byChannel: [
      {
        channel: 'email',
        ...CHANNEL_METRICS.values(exampleCounts(1533, 1488, 752, 265, 45)),
        engagement: engagementExample(1533, 1488, 625, 480, 215, 178, 45, 4, 10),
      },
      {
        channel: 'sms',
        ...CHANNEL_METRICS.values(exampleCounts(287, 275, 125, 33, 12)),
        engagement: engagementExample(287, 275, 104, 83, 27, 22, 12),
      },
      {
        channel: 'whatsapp',
        ...CHANNEL_METRICS.values(exampleCounts(180, 172, 73, 22, 8)),
        engagement: engagementExample(180, 172, 61, 47, 18, 15, 8),
      },
    ],
  },
})

/** Numbers in the order of the metrics. */
function exampleCounts(...numbers: readonly number[]): MessageCounts {
  return Object.fromEntries(MESSAGE_METRICS.map((name, index) => [name, numbers[index] ?? 0])) as MessageCounts
}
