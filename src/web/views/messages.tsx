import type { Messages } from '../../analytics/dashboards/messages.ts'
import { type MessageMetric, rateOf, type RateName } from '../../analytics/metrics.ts'
import { LineChart } from '../charts/line-chart.tsx'
import { completePoints } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import { type KpiCardProps, KpiCards } from '../components/kpi/kpi-cards.tsx'
import { Note } from '../components/note.tsx'
import { DataTable } from '../components/table/data-table.tsx'
import { channelName } from '../format/channel-name.ts'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from './bucket-series.ts'
import { engagementLines, metricColumn, metricLine, openAndClickNote, rateOrNoData } from './message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Channel = Messages['byChannel'][number]
type MessageRate = Extract<RateName, 'deliveryRate' | 'openRate' | 'clickRate' | 'bounceRate'>

export const view = defineDashboardView({
  dashboard: 'messages',
  icon: 'M2.5 3.5h11v9h-11zM2.5 4.5 8 8.75l5.5-4.25',
  cardCount: 7,
  isEmpty: ({ summary }) => Object.values(summary).every((count) => count === 0),
  Content: MessagesView,
})

function MessagesView({ data, viewState, asOf }: ViewProps<DashboardData<'messages'>>) {
  const { current, previous, granularity } = data
  const { views, metricNotes, channel: channelLabel } = messages()
  const texts = views.messages
  const { summary } = current
  const before = previous?.summary
  const series = {
    ...bucketSeries(current.timeSeries, granularity, { viewState, asOf }),
    previousPoints: previous?.timeSeries,
  }
  const completeBuckets = completePoints(series)
  const card = (metric: MessageMetric, rate?: readonly [name: MessageRate, of: string, base: MessageMetric]) =>
    ({
      metric,
      value: summary[metric],
      previous: before?.[metric],
      trend: completeBuckets.map((point) => point[metric]),
      ...(rate && {
        rate: {
          metric: rate[0],
          of: rate[1],
          value: rateOf(rate[0], summary),
          previous: before && rateOf(rate[0], before),
          base: summary[rate[2]],
          previousBase: before?.[rate[2]],
        },
      }),
    }) satisfies KpiCardProps
  return (
    <>
      <KpiCards
        cards={[
          card('sent'),
          card('delivered', ['deliveryRate', metricNotes.ofSent, 'sent']),
          card('opened', ['openRate', metricNotes.ofDelivered, 'delivered']),
          card('clicked', ['clickRate', metricNotes.ofDelivered, 'delivered']),
        ]}
      />
      <Note>{openAndClickNote()}</Note>
      <Card title={texts.overTime}>
        <LineChart title={texts.overTime} lines={engagementLines()} {...series} />
      </Card>
      <KpiCards
        cards={[card('bounced', ['bounceRate', metricNotes.ofSent, 'sent']), card('complained'), card('unsubscribed')]}
      />
      <Card title={texts.failures} subtitle={texts.failuresSubtitle}>
        <LineChart
          title={texts.failures}
          lines={(['bounced', 'complained', 'unsubscribed'] as const).map(metricLine)}
          {...series}
        />
      </Card>
      <Card title={texts.byChannel}>
        <DataTable<Channel>
          id="messages-channels"
          caption={texts.byChannel}
          rows={current.byChannel}
          rowKey={({ channel }) => channel}
          columns={[
            { id: 'channel', label: channelLabel, kind: 'label', value: ({ channel }) => channelName(channel) },
            { ...metricColumn('sent', summary.sent), hasBar: true },
            metricColumn('delivered', summary.delivered),
            metricColumn('opened', summary.opened),
            metricColumn('clicked', summary.clicked),
            metricColumn('bounced', summary.bounced),
            metricColumn('deliveryRate', rateOrNoData(rateOf('deliveryRate', summary), summary.sent)),
            metricColumn('openRate', rateOrNoData(rateOf('openRate', summary), summary.delivered)),
            metricColumn('clickRate', rateOrNoData(rateOf('clickRate', summary), summary.delivered)),
            metricColumn('bounceRate', rateOrNoData(rateOf('bounceRate', summary), summary.sent)),
          ]}
        />
      </Card>
    </>
  )
}
