import { type Static, Type } from '@sinclair/typebox'
import { defineDashboard } from '../define-dashboard.ts'
import { filterSql } from '../dimensions.ts'
import { engagementSchema } from '../engagement/engagement-fields.ts'
import { engagementExample } from '../engagement/engagement-example.ts'
import { readEngagement } from '../engagement/read-engagement.ts'
import { addMessageCounts, CORE_MESSAGE_METRICS, type MessageCounts, ZERO_MESSAGE_COUNTS } from '../message-counts.ts'
import { metricFields, namedMetricFields } from '../metric-fields.ts'
import { readMessageActivity } from '../query/message-activity.ts'
import { MESSAGES_BY_QUARTER_HOUR } from '../query/roll-up.ts'
import { instant, object, text } from '../schemas.ts'
import { bucketStarts, denseSeries, formatInstant, formatLocalDate } from '../time/buckets.ts'

const COUNTS = metricFields(...CORE_MESSAGE_METRICS)
const SUMMARY = namedMetricFields({
  totalMessagesSent: 'sent',
  totalDelivered: 'delivered',
  totalOpened: 'opened',
  totalClicked: 'clicked',
  deliveryRate: 'deliveryRate',
  openRate: 'openRate',
  clickRate: 'clickRate',
})

const NO_FILTER = filterSql({})

export type Overview = Static<typeof overview.data>

export const overview = defineDashboard({
  name: 'overview',
  preset: '7d',
  parameters: {},
  data: object(
    {
      timeRange: object(
        { start: instant('First instant of the range'), end: instant('Last instant of the range') },
        'The reported range.',
        'OverviewRange',
      ),
      summary: object(SUMMARY.schemas, 'Totals of the range.', 'OverviewSummary'),
      engagement: engagementSchema,
      byChannel: Type.Record(Type.String(), object(COUNTS.schemas, 'Counts of one channel.', 'ChannelCounts'), {
        description:
          'Counts by channel; only channels that have events. Messages without a channel are under `none`, so that the channels add up to the summary.',
      }),
      trend: Type.Array(
        object(
          { date: text('Local calendar date, YYYY-MM-DD'), ...COUNTS.schemas },
          'Counts of one day.',
          'OverviewDay',
        ),
        { description: 'One item per day, days without events included.' },
      ),
    },
    'The overview of a tenant: its messages in a range.',
    'Overview',
  ),
  dependsOnRules: true,
  mainTable: 'trend',

  async query(port, request) {
    const buckets = bucketStarts(request.bucketRange, 'day', request.zone)
    const [activity, engagement] = await Promise.all([
      readMessageActivity('overview', port, request, buckets),
      readEngagement(port, request, {
        name: 'overview',
        rollUp: MESSAGES_BY_QUARTER_HOUR,
        column: 'channel',
        filter: NO_FILTER,
      }),
    ])
    return { buckets, ...activity, engagement }
  },

  async shape({ buckets, byBucket, byChannel, engagement }, { bucketRange, zone }) {
    return {
      timeRange: { start: formatInstant(bucketRange.start), end: formatInstant(bucketRange.end) },
      summary: SUMMARY.values(byChannel.reduce<MessageCounts>(addMessageCounts, ZERO_MESSAGE_COUNTS)),
      engagement: engagement.total,
      byChannel: Object.fromEntries(
        byChannel
          .toSorted((a, b) => (a.channel < b.channel ? -1 : 1))
          .map((counts) => [counts.channel, COUNTS.values(counts)]),
      ),
      trend: await denseSeries(buckets, byBucket, (counts, start) => ({
        date: formatLocalDate(start, zone),
        ...COUNTS.values(counts ?? ZERO_MESSAGE_COUNTS),
      })),
    }
  },

  docs: {
    summary: 'Message overview',
    description:
      'Counts of messages sent, delivered, opened and clicked in the range: in total, by channel and by day.',
  },
  example: {
    timeRange: { start: '2026-01-26T00:00:00Z', end: '2026-01-28T23:59:59.999Z' },
    summary: SUMMARY.values({ sent: 2000, delivered: 1935, opened: 950, clicked: 320 }),
    engagement: engagementExample(2000, 1935, 790, 610, 260, 215, 65, 4, 10),
    byChannel: {
      email: { sent: 1533, delivered: 1488, opened: 752, clicked: 265 },
      sms: { sent: 287, delivered: 275, opened: 125, clicked: 33 },
      whatsapp: { sent: 180, delivered: 172, opened: 73, clicked: 22 },
    },
    trend: [
      { date: '2026-01-26', sent: 678, delivered: 656, opened: 322, clicked: 96 },
      { date: '2026-01-27', sent: 720, delivered: 701, opened: 332, clicked: 110 },
      { date: '2026-01-28', sent: 602, delivered: 578, opened: 296, clicked: 114 },
    ],
  },
})
