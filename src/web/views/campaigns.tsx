import type { Campaigns } from '../../analytics/dashboards/campaigns.ts'
import { CORE_MESSAGE_METRICS, ZERO_MESSAGE_COUNTS } from '../../analytics/message-counts.ts'
import { completePoints } from '../charts/series.ts'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { type KpiCardProps, KpiCards } from '../components/kpi/kpi-cards.tsx'
import { drilledColumns, useDrills } from '../drill-down/use-drills.ts'
import { BounceClasses } from '../engagement/bounce-classes.tsx'
import { CountedChart } from '../engagement/counted-chart.tsx'
import { engagementCards } from '../engagement/engagement-cards.ts'
import { ENGAGEMENT_COLUMNS, engagementColumns } from '../engagement/engagement-columns.ts'
import { engagementLines, READING_LINES } from '../engagement/engagement-lines.ts'
import { EventTotals } from '../engagement/event-totals.tsx'
import { Openers } from '../engagement/openers.tsx'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from '../metrics/bucket-series.ts'
import { sumMessageCounts } from '../metrics/message-counts.ts'
import { EVENT_COLUMNS, eventColumn, eventLines, metricColumn, rateOrNoData } from '../metrics/message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Campaign = Campaigns['topCampaigns'][number]

const NO_MESSAGES = { ...ZERO_MESSAGE_COUNTS, recipients: 0 }

export const view = defineDashboardView({
  dashboard: 'campaigns',
  icon: 'M2.5 6.5v3h2l6.5 3.5V3L4.5 6.5zM5 9.5l1 4M13.5 6.5v3',
  cardCount: 7,
  entityCardCount: 5,
  isEmpty: ({ summary }) => summary.totalCampaigns === 0,
  entityName: ({ topCampaigns }) => topCampaigns[0]?.name,
  Content: CampaignsView,
})

function CampaignsView({ data: { current, previous }, viewState, asOf }: ViewProps<DashboardData<'campaigns'>>) {
  const texts = messages().views.campaigns
  const { summary, engagement } = current
  // The days count every campaign, those that the list leaves out included.
  const totals = sumMessageCounts(current.timeSeries)
  const drills = useDrills(current.drill)
  const series = bucketSeries(current.timeSeries, 'day', { viewState, asOf })
  return (
    <>
      <KpiCards
        cards={[
          ...engagementCards({
            current: engagement,
            previous: previous?.engagement,
            drills,
            series: completePoints(series).map((point) => point.engagement),
          }),
          ...(viewState.id === undefined ? summaryCards(current, previous) : campaignCards(current, previous)),
        ]}
      />
      <EventTotals
        names={CORE_MESSAGE_METRICS}
        current={totals}
        previous={previous && sumMessageCounts(previous.timeSeries)}
        drills={drills}
      />
      <CountedChart
        title={texts.byDay}
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
      {viewState.id === undefined && (
        <Card title={texts.list} metrics={[...ENGAGEMENT_COLUMNS, 'recipients', ...EVENT_COLUMNS]}>
          <EntityTable<Campaign>
            id="campaigns"
            caption={texts.list}
            nameLabel={texts.name}
            entityId={({ campaignId }) => campaignId}
            rows={current.topCampaigns}
            hasMore={current.nextCursor !== undefined}
            initialSorting={{ columnId: viewState.sort ?? 'messages', direction: 'descending' }}
            columns={drilledColumns<Campaign>(
              [
                ...engagementColumns<Campaign>(engagement),
                metricColumn('recipients', summary.totalRecipients),
                ...CORE_MESSAGE_METRICS.map((name) => eventColumn(name, totals[name])),
                eventColumn('openRate', rateOrNoData(summary.avgOpenRate, totals.delivered)),
                eventColumn('clickRate', rateOrNoData(summary.avgClickRate, totals.delivered)),
              ],
              drills,
              { dimension: 'campaign', keyOf: ({ campaignId }) => campaignId },
            )}
          />
        </Card>
      )}
    </>
  )
}

function summaryCards({ summary }: Campaigns, previous: Campaigns | undefined): KpiCardProps[] {
  const before = previous?.summary
  return [
    { metric: 'campaigns', value: summary.totalCampaigns, previous: before?.totalCampaigns },
    { metric: 'campaignsCompleted', value: summary.completedCampaigns, previous: before?.completedCampaigns },
    { metric: 'recipients', value: summary.totalRecipients, previous: before?.totalRecipients },
  ]
}

function campaignCards(current: Campaigns, previous: Campaigns | undefined): KpiCardProps[] {
  const campaign = current.topCampaigns[0] ?? NO_MESSAGES
  const before = previous && (previous.topCampaigns[0] ?? NO_MESSAGES)
  return [{ metric: 'recipients', value: campaign.recipients, previous: before?.recipients }]
}
