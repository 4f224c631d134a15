import type { Campaigns } from '../../analytics/dashboards/campaigns.ts'
import { ZERO_MESSAGE_COUNTS } from '../../analytics/message-counts.ts'
import { LineChart } from '../charts/line-chart.tsx'
import { Card } from '../components/card.tsx'
import { EntityTable } from '../components/entity-table.tsx'
import { type KpiCardProps, KpiCards } from '../components/kpi/kpi-cards.tsx'
import { Note } from '../components/note.tsx'
import { messages } from '../messages/messages.ts'
import { bucketSeries } from './bucket-series.ts'
import { messageCards, sumMessageCounts } from './message-cards.ts'
import { engagementLines, metricColumn, openAndClickNote, rateOrNoData } from './message-metrics.ts'
import { type DashboardData, defineDashboardView, type ViewProps } from './view.ts'

type Campaign = Campaigns['topCampaigns'][number]

const NO_MESSAGES = { ...ZERO_MESSAGE_COUNTS, recipients: 0 }

export const view = defineDashboardView({
  dashboard: 'campaigns',
  icon: 'M2.5 6.5v3h2l6.5 3.5V3L4.5 6.5zM5 9.5l1 4M13.5 6.5v3',
  cardCount: 5,
  isEmpty: ({ summary }) => summary.totalCampaigns === 0,
  entityName: ({ topCampaigns }) => topCampaigns[0]?.name,
  Content: CampaignsView,
})

function CampaignsView({ data: { current, previous }, viewState, asOf }: ViewProps<DashboardData<'campaigns'>>) {
  const texts = messages().views.campaigns
  const { summary } = current
  // The days count every campaign, those that the list leaves out included.
  const totals = sumMessageCounts(current.timeSeries)
  return (
    <>
      <KpiCards
        cards={viewState.id === undefined ? summaryCards(current, previous) : campaignCards(current, previous)}
      />
      <Note>{openAndClickNote()}</Note>
      <Card title={texts.byDay}>
        <LineChart
          title={texts.byDay}
          lines={engagementLines()}
          {...bucketSeries(current.timeSeries, 'day', { viewState, asOf })}
          previousPoints={previous?.timeSeries}
        />
      </Card>
      {viewState.id === undefined && (
        <Card title={texts.list}>
          <EntityTable<Campaign>
            id="campaigns"
            caption={texts.list}
            nameLabel={texts.name}
            entityId={({ campaignId }) => campaignId}
            rows={current.topCampaigns}
            hasMore={current.nextCursor !== undefined}
            initialSorting={{ columnId: 'sent', direction: 'descending' }}
            columns={[
              { ...metricColumn('sent', totals.sent), hasBar: true },
              metricColumn('delivered', totals.delivered),
              metricColumn('opened', totals.opened),
              metricColumn('clicked', totals.clicked),
              metricColumn('recipients', summary.totalRecipients),
              metricColumn('openRate', rateOrNoData(summary.avgOpenRate, totals.delivered)),
              metricColumn('clickRate', rateOrNoData(summary.avgClickRate, totals.delivered)),
            ]}
          />
        </Card>
      )}
    </>
  )
}

function summaryCards({ summary, timeSeries }: Campaigns, previous: Campaigns | undefined): KpiCardProps[] {
  const before = previous?.summary
  const bases = {
    base: sumMessageCounts(timeSeries).delivered,
    previousBase: previous && sumMessageCounts(previous.timeSeries).delivered,
  }
  return [
    { metric: 'campaigns', value: summary.totalCampaigns, previous: before?.totalCampaigns },
    { metric: 'campaignsCompleted', value: summary.completedCampaigns, previous: before?.completedCampaigns },
    { metric: 'recipients', value: summary.totalRecipients, previous: before?.totalRecipients },
    { metric: 'openRate', value: summary.avgOpenRate, previous: before?.avgOpenRate, ...bases },
    { metric: 'clickRate', value: summary.avgClickRate, previous: before?.avgClickRate, ...bases },
  ]
}

function campaignCards(current: Campaigns, previous: Campaigns | undefined): KpiCardProps[] {
  const campaign = current.topCampaigns[0] ?? NO_MESSAGES
  const before = previous && (previous.topCampaigns[0] ?? NO_MESSAGES)
  return [
    ...messageCards({ current: campaign, previous: before, series: current.timeSeries }),
    { metric: 'recipients', value: campaign.recipients, previous: before?.recipients },
  ]
}
