import type { Overview } from '../../analytics/dashboards/overview.ts'
import { rateOf, type RateName, RATES } from '../../analytics/metrics.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { Funnel } from '../charts/funnel.tsx'
import { LineChart } from '../charts/line-chart.tsx'
import { completePoints, type Series } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { DataTable } from '../components/table/data-table.tsx'
import { Note } from '../components/note.tsx'
import { channelName } from '../format/channel-name.ts'
import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { columnTexts, engagementLines, metricColumn, openAndClickNote, rateOrNoData } from './message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Channel = Overview['byChannel'][string] & { readonly channel: string }

export const view = defineDashboardView({
  dashboard: 'overview',
  icon: 'M2.5 2.5h4.5v4.5H2.5zM9 2.5h4.5v4.5H9zM2.5 9h4.5v4.5H2.5zM9 9h4.5v4.5H9z',
  cardCount: 4,
  isEmpty: ({ summary, byChannel }) => summary.totalMessagesSent === 0 && Object.keys(byChannel).length === 0,
  Content: OverviewView,
})

function OverviewView({
  data: { current, previous },
  viewState: { zone },
  asOf,
}: ViewProps<DashboardData<'overview'>>) {
  const { views, metrics, metricNotes, channel: channelLabel } = messages()
  const texts = views.overview
  const { summary, trend, byChannel } = current
  const before = previous?.summary
  const behind = otherView('messages')
  const series: Series<Overview['trend'][number]> = {
    points: trend,
    start: ({ date }) => startOfDate(date, zone),
    zone,
    granularity: 'day',
    asOf,
  }
  const completeDays = completePoints(series)
  const funnelSteps = [
    { metric: 'sent', value: summary.totalMessagesSent },
    { metric: 'delivered', value: summary.totalDelivered },
    { metric: 'opened', value: summary.totalOpened },
    { metric: 'clicked', value: summary.totalClicked },
  ] as const
  return (
    <>
      <KpiCards
        cards={[
          {
            metric: 'sent',
            next: behind,
            value: summary.totalMessagesSent,
            previous: before?.totalMessagesSent,
            trend: completeDays.map(({ sent }) => sent),
          },
          {
            metric: 'delivered',
            next: behind,
            value: summary.totalDelivered,
            previous: before?.totalDelivered,
            trend: completeDays.map(({ delivered }) => delivered),
            rate: {
              metric: 'deliveryRate',
              of: metricNotes.ofSent,
              value: summary.deliveryRate,
              previous: before?.deliveryRate,
              base: summary.totalMessagesSent,
              previousBase: before?.totalMessagesSent,
            },
          },
          {
            metric: 'opened',
            next: behind,
            value: summary.totalOpened,
            previous: before?.totalOpened,
            trend: completeDays.map(({ opened }) => opened),
            rate: {
              metric: 'openRate',
              of: metricNotes.ofDelivered,
              value: summary.openRate,
              previous: before?.openRate,
              base: summary.totalDelivered,
              previousBase: before?.totalDelivered,
            },
          },
          {
            metric: 'clicked',
            next: behind,
            value: summary.totalClicked,
            previous: before?.totalClicked,
            trend: completeDays.map(({ clicked }) => clicked),
            rate: {
              metric: 'clickRate',
              of: metricNotes.ofDelivered,
              value: summary.clickRate,
              previous: before?.clickRate,
              base: summary.totalDelivered,
              previousBase: before?.totalDelivered,
            },
          },
        ]}
      />
      <Note>{openAndClickNote()}</Note>
      <div class="columns">
        <Card title={texts.byDay}>
          <LineChart title={texts.byDay} lines={engagementLines()} {...series} previousPoints={previous?.trend} />
        </Card>
        <Card title={texts.outcomes}>
          <Funnel
            title={texts.outcomes}
            steps={funnelSteps.map(({ metric, value }) => ({
              id: metric,
              label: metrics[metric].label,
              value,
              colour: metric,
            }))}
          />
        </Card>
      </div>
      <Card title={texts.byChannel}>
        <DataTable<Channel>
          id="overview-channels"
          caption={texts.byChannel}
          rows={Object.entries(byChannel)
            .map(([channel, counts]) => ({ channel, ...counts }))
            .toSorted((a, b) => b.sent - a.sent)}
          rowKey={({ channel }) => channel}
          columns={[
            { id: 'channel', label: channelLabel, kind: 'label', value: ({ channel }) => channelName(channel) },
            { ...metricColumn('sent', summary.totalMessagesSent), hasBar: true },
            metricColumn('delivered', summary.totalDelivered),
            metricColumn('opened', summary.totalOpened),
            metricColumn('clicked', summary.totalClicked),
            rateColumnOfChannel('deliveryRate', rateOrNoData(summary.deliveryRate, summary.totalMessagesSent)),
            rateColumnOfChannel('openRate', rateOrNoData(summary.openRate, summary.totalDelivered)),
            rateColumnOfChannel('clickRate', rateOrNoData(summary.clickRate, summary.totalDelivered)),
          ]}
        />
      </Card>
    </>
  )
}

function rateColumnOfChannel(name: Extract<RateName, 'deliveryRate' | 'openRate' | 'clickRate'>, total: number | null) {
  const value = (counts: Channel) => rateOrNoData(rateOf(name, counts), counts[RATES[name].denominator])
  return { ...columnTexts(name), id: name, value, total }
}

/** The first instant of a local date (`YYYY-MM-DD`), epoch milliseconds. */
function startOfDate(date: string, zone: string): number {
  const [year, month, day] = date.split('-').map(Number)
  return findTimeZone(zone)!.startOfDay({ year: year!, month: month!, day: day! })
}
