import type { Overview } from '../../analytics/dashboards/overview.ts'
import { CORE_MESSAGE_METRICS } from '../../analytics/message-counts.ts'
import { rateOf, type RateName, RATES } from '../../analytics/metrics.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import { Funnel } from '../charts/funnel.tsx'
import { LineChart } from '../charts/line/line-chart.tsx'
import { Card } from '../components/card.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { DataTable } from '../components/table/data-table.tsx'
import { drilledColumns, useDrills } from '../drill-down/use-drills.ts'
import { BounceClasses } from '../engagement/bounce-classes.tsx'
import { engagementCards } from '../engagement/engagement-cards.ts'
import { READING_LINES } from '../engagement/engagement-lines.ts'
import { EventTotals } from '../engagement/event-totals.tsx'
import { Openers } from '../engagement/openers.tsx'
import { channelName } from '../format/channel-name.ts'
import { messages } from '../messages/messages.ts'
import { otherView } from '../state/address.ts'
import { columnTexts, eventLines, metricColumn, rateOrNoData } from '../metrics/message-metrics.ts'
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
  const { views, metrics, channel: channelLabel } = messages()
  const texts = views.overview
  const { summary, trend, byChannel, engagement } = current
  const drills = useDrills(current.drill)
  return (
    <>
      <KpiCards
        cards={engagementCards({
          current: engagement,
          previous: previous?.engagement,
          next: otherView('messages'),
          drills,
        })}
      />
      <EventTotals
        names={CORE_MESSAGE_METRICS}
        current={countsOf(summary)}
        previous={previous && countsOf(previous.summary)}
        drills={drills}
      />
      <div class="columns">
        <Card title={texts.outcomes} metrics={READING_LINES}>
          <Funnel
            title={texts.outcomes}
            steps={READING_LINES.map((name) => ({
              id: name,
              label: metrics[name].label,
              value: engagement[name],
              colour: name,
              drill: drills?.of(name, { value: engagement[name] }),
            }))}
          />
        </Card>
        <Openers {...{ engagement, drills }} />
      </div>
      <div class="columns">
        <BounceClasses {...{ engagement, drills }} />
        <Card title={texts.byDay} metrics={CORE_MESSAGE_METRICS}>
          <LineChart
            title={texts.byDay}
            lines={eventLines()}
            points={trend}
            previousPoints={previous?.trend}
            start={({ date }) => startOfDate(date, zone)}
            zone={zone}
            granularity="day"
            asOf={asOf}
            drills={drills}
          />
        </Card>
      </div>
      <Card title={texts.byChannel} metrics={[...CORE_MESSAGE_METRICS, 'deliveryRate', 'openRate', 'clickRate']}>
        <DataTable<Channel>
          id="overview-channels"
          caption={texts.byChannel}
          rows={Object.entries(byChannel)
            .map(([channel, counts]) => ({ channel, ...counts }))
            .toSorted((a, b) => b.sent - a.sent)}
          rowKey={({ channel }) => channel}
          columns={drilledColumns<Channel>(
            [
              { id: 'channel', label: channelLabel, kind: 'label', value: ({ channel }) => channelName(channel) },
              { ...metricColumn('sent', summary.totalMessagesSent), hasBar: true },
              metricColumn('delivered', summary.totalDelivered),
              metricColumn('opened', summary.totalOpened),
              metricColumn('clicked', summary.totalClicked),
              rateColumnOfChannel('deliveryRate', rateOrNoData(summary.deliveryRate, summary.totalMessagesSent)),
              rateColumnOfChannel('openRate', rateOrNoData(summary.openRate, summary.totalDelivered)),
              rateColumnOfChannel('clickRate', rateOrNoData(summary.clickRate, summary.totalDelivered)),
            ],
            drills,
            { dimension: 'channel', keyOf: ({ channel }) => channel },
          )}
        />
      </Card>
    </>
  )
}

function countsOf({ totalMessagesSent, totalDelivered, totalOpened, totalClicked }: Overview['summary']) {
  return { sent: totalMessagesSent, delivered: totalDelivered, opened: totalOpened, clicked: totalClicked }
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
