import type { Messages } from '../../analytics/dashboards/messages.ts'
import { MESSAGE_METRICS } from '../../analytics/metrics.ts'
import { completePoints } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import { KpiCards } from '../components/kpi/kpi-cards.tsx'
import { DataTable } from '../components/table/data-table.tsx'
import { drilledColumns, useDrills } from '../drill-down/use-drills.ts'
import { BounceClasses } from '../engagement/bounce-classes.tsx'
import { CountedChart } from '../engagement/counted-chart.tsx'
import { engagementCards, failureCards } from '../engagement/engagement-cards.ts'
import { ENGAGEMENT_COLUMNS, engagementColumns } from '../engagement/engagement-columns.ts'
import { engagementLines, FAILURE_LINES, READING_LINES } from '../engagement/engagement-lines.ts'
import { EventTotals } from '../engagement/event-totals.tsx'
import { Openers } from '../engagement/openers.tsx'
import { channelName } from '../format/channel-name.ts'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from '../metrics/bucket-series.ts'
import { eventLines, metricLine } from '../metrics/message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Channel = Messages['byChannel'][number]

export const view = defineDashboardView({
  dashboard: 'messages',
  icon: 'M2.5 3.5h11v9h-11zM2.5 4.5 8 8.75l5.5-4.25',
  cardCount: 4,
  isEmpty: ({ summary }) => Object.values(summary).every((count) => count === 0),
  Content: MessagesView,
})

function MessagesView({ data, viewState, asOf }: ViewProps<DashboardData<'messages'>>) {
  const { current, previous, granularity } = data
  const { views, channel: channelLabel } = messages()
  const texts = views.messages
  const { summary, engagement, timeSeries, byChannel } = current
  const drills = useDrills(current.drill)
  const series = bucketSeries(timeSeries, granularity, { viewState, asOf })
  const cards = {
    current: engagement,
    previous: previous?.engagement,
    drills,
    series: completePoints(series).map((point) => point.engagement),
  }
  return (
    <>
      <KpiCards cards={engagementCards(cards)} />
      <EventTotals names={MESSAGE_METRICS} current={summary} previous={previous?.summary} drills={drills} />
      <CountedChart
        title={texts.overTime}
        metrics={READING_LINES}
        messageLines={engagementLines(READING_LINES)}
        eventLines={eventLines()}
        series={series}
        previousPoints={previous?.timeSeries}
        drills={drills}
      />
      <div class="columns">
        <Openers {...{ engagement, drills }} />
        <BounceClasses {...{ engagement, drills }} />
      </div>
      <KpiCards label={texts.failures} cards={failureCards(cards)} />
      <CountedChart
        title={texts.failures}
        subtitle={texts.failuresSubtitle}
        metrics={FAILURE_LINES}
        messageLines={engagementLines(FAILURE_LINES)}
        eventLines={(['bounced', 'complained', 'unsubscribed'] as const).map(metricLine)}
        series={series}
        previousPoints={previous?.timeSeries}
        drills={drills}
      />
      <Card title={texts.byChannel} metrics={ENGAGEMENT_COLUMNS}>
        <DataTable<Channel>
          id="messages-channels"
          caption={texts.byChannel}
          rows={byChannel}
          rowKey={({ channel }) => channel}
          columns={drilledColumns<Channel>(
            [
              { id: 'channel', label: channelLabel, kind: 'label', value: ({ channel }) => channelName(channel) },
              ...engagementColumns<Channel>(engagement),
            ],
            drills,
            { dimension: 'channel', keyOf: ({ channel }) => channel },
          )}
        />
      </Card>
    </>
  )
}
