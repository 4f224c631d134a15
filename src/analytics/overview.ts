import { type Static, Type } from '@sinclair/typebox'
import { BUCKET_SQL, bucketStarts, denseSeries, formatInstant, formatLocalDate } from './buckets.ts'
import { type Dashboard, IN_RANGE_SQL } from './dashboard.ts'
import { FOUR_COUNTS_SQL, type FourCounts, IS_MESSAGE_SQL, NO_MESSAGES, pickFour } from './message-counts.ts'
import { tenantQuery } from './query.ts'
import { rate } from './rates.ts'
import { count, fourCounts, instant, object, percentage, rangeParameters, text } from './schemas.ts'

export const OverviewParameters = object(rangeParameters('7d'), 'What the overview can be asked.')

export const Overview = object(
  {
    timeRange: object(
      { start: instant('First instant of the range'), end: instant('Last instant of the range') },
      'The range the numbers are of.',
    ),
    summary: object(
      {
        totalMessagesSent: count('Messages sent'),
        totalDelivered: count('Messages delivered'),
        totalOpened: count('Opens'),
        totalClicked: count('Clicks'),
        deliveryRate: percentage('Delivered ÷ sent'),
        openRate: percentage('Opened ÷ delivered'),
        clickRate: percentage('Clicked ÷ delivered'),
      },
      'Totals of the range.',
    ),
    byChannel: Type.Record(Type.String(), object(fourCounts(), 'Counts of one channel.'), {
      description: 'Counts by channel; only channels that have events.',
    }),
    trend: Type.Array(
      object({ date: text('Local calendar date, YYYY-MM-DD'), ...fourCounts() }, 'Counts of one day.'),
      { description: 'One item a day, days without events included.' },
    ),
  },
  'The overview of a tenant: its messages in a range.',
)
export type Overview = Static<typeof Overview>

interface Row extends FourCounts {
  bucket: number
  channel: string
  is_total: number
}

const SQL = `
  SELECT ${BUCKET_SQL} AS bucket, channel, grouping(channel) AS is_total, ${FOUR_COUNTS_SQL}
  FROM analytics_events WHERE tenant_id = {tenant:String} AND ${IS_MESSAGE_SQL} AND ${IN_RANGE_SQL}
  GROUP BY GROUPING SETS ((bucket), (channel))`

export const overview: Dashboard<object, Overview> = async (port, { tenantId, range, zone }) => {
  const buckets = bucketStarts(range, 'day', zone)
  const rows = await port.query(tenantId, tenantQuery<Row>('overview', SQL, { ...range, buckets }))
  const channels = rows.filter((row) => row.is_total === 0).toSorted((a, b) => (a.channel < b.channel ? -1 : 1))
  const totals = { sent: 0, delivered: 0, opened: 0, clicked: 0 }
  for (const row of channels) {
    totals.sent += row.sent
    totals.delivered += row.delivered
    totals.opened += row.opened
    totals.clicked += row.clicked
  }
  const days = rows.filter((row) => row.is_total === 1)
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
      channels.filter((row) => row.channel !== '').map((row) => [row.channel, pickFour(row)]),
    ),
    trend: denseSeries(buckets, days, (row = { ...NO_MESSAGES, bucket: 0, channel: '', is_total: 1 }, start) => ({
      date: formatLocalDate(start, zone),
      ...pickFour(row),
    })),
  }
}
