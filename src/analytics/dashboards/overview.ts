import { type Static, Type } from '@sinclair/typebox'
import { bucketStarts, denseSeries, formatInstant, formatLocalDate } from '../time/buckets.ts'
import type { Dashboard } from '../dashboard.ts'
import { readMessageActivity } from '../query/message-activity.ts'
import { addMessageCounts, ZERO_MESSAGE_COUNTS, pickCoreMessageCounts, type MessageCounts } from '../metrics.ts'
import { rate } from '../rates.ts'
import {
  clickRate,
  count,
  deliveryRate,
  coreMessageCountsSchema,
  instant,
  object,
  openRate,
  rangeParameters,
  text,
} from '../schemas.ts'

export const OverviewParameters = object(rangeParameters('7d'), 'What the overview can be asked.')

export const Overview = object(
  {
    timeRange: object(
      { start: instant('First instant of the range'), end: instant('Last instant of the range') },
      'The reported range.',
      'OverviewRange',
    ),
    summary: object(
      {
        totalMessagesSent: count('Messages sent'),
        totalDelivered: count('Messages delivered'),
        totalOpened: count('Opens'),
        totalClicked: count('Clicks'),
        deliveryRate: deliveryRate(),
        openRate: openRate(),
        clickRate: clickRate(),
      },
      'Totals of the range.',
      'OverviewSummary',
    ),
    byChannel: Type.Record(
      Type.String(),
      object(coreMessageCountsSchema(), 'Counts of one channel.', 'ChannelCounts'),
      {
        description:
          'Counts by channel; only channels that have events. Messages without a channel are under `none`, so that the channels add up to the summary.',
      },
    ),
    trend: Type.Array(
      object(
        { date: text('Local calendar date, YYYY-MM-DD'), ...coreMessageCountsSchema() },
        'Counts of one day.',
        'OverviewDay',
      ),
      { description: 'One item per day, days without events included.' },
    ),
  },
  'The overview of a tenant: its messages in a range.',
  'Overview',
)
export type Overview = Static<typeof Overview>

export const overviewDashboard: Dashboard<object, Overview> = async (port, request) => {
  const { range, zone } = request
  const buckets = bucketStarts(range, 'day', zone)
  const { byBucket, byChannel } = await readMessageActivity('overview', port, request, buckets)
  const totals = byChannel.reduce<MessageCounts>(addMessageCounts, ZERO_MESSAGE_COUNTS)
  return {
    timeRange: { start: formatInstant(range.start), end: formatInstant(range.end) },
    summary: {
      totalMessagesSent: totals.sent,
      totalDelivered: totals.delivered,
      totalOpened: totals.opened,
      totalClicked: totals.clicked,
      deliveryRate: rate(totals.delivered, totals.sent),
      openRate: rate(totals.opened, totals.delivered),
      clickRate: rate(totals.clicked, totals.delivered),
    },
    byChannel: Object.fromEntries(
      byChannel
        .toSorted((a, b) => (a.channel < b.channel ? -1 : 1))
        .map((row) => [row.channel, pickCoreMessageCounts(row)]),
    ),
    trend: await denseSeries(buckets, byBucket, (row, start) => ({
      date: formatLocalDate(start, zone),
      ...pickCoreMessageCounts(row ?? ZERO_MESSAGE_COUNTS),
    })),
  }
}
