import type { Campaigns } from '../../analytics/dashboards/campaigns.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type SelectEntity, type View } from './view.ts'
import {
  bucketStartOf,
  ENGAGEMENT_LINES,
  messageColumn,
  OUTCOME_COLUMNS,
  RATE_NOTE,
  rateColumn,
  shareOfLargest,
} from './message-series.ts'
import { COUNTS, RATES } from '../../analytics/metrics.ts'

type Campaign = Campaigns['topCampaigns'][number]

export const campaignsView = defineView({
  id: 'campaigns',
  dashboard: 'campaigns',
  title: 'Campaigns',
  subtitle: 'Which campaigns reach people and are read',
  create: createCampaignsView,
})

function createCampaignsView(select: SelectEntity): View<'campaigns'> {
  const kpiCards = createKpiCards<Campaigns['summary']>('Totals', [
    { label: COUNTS.campaigns.label, value: (of) => of.totalCampaigns, increaseIs: 'neither' },
    { label: COUNTS.campaignsCompleted.label, value: (of) => of.completedCampaigns },
    { label: COUNTS.recipients.label, value: (of) => of.totalRecipients },
    { label: RATES.openRate.label, colour: 'opened', kind: 'rate', value: (of) => of.avgOpenRate },
    { label: RATES.clickRate.label, colour: 'clicked', kind: 'rate', value: (of) => of.avgClickRate },
  ])
  const series = createLineChart<Campaigns['timeSeries'][number]>({
    title: 'Messages of campaigns by day',
    lines: ENGAGEMENT_LINES,
    start: bucketStartOf,
  })
  const top = createTable<Campaign>({
    caption: 'Top campaigns',
    emptyText: 'No campaign in these days.',
    onSelect: ({ campaignId }) => select(campaignId),
    selectLabel: 'Show this campaign only',
    columns: [
      { label: 'Campaign', kind: 'name', value: ({ name }) => name },
      { ...messageColumn('sent'), barShare: shareOfLargest<Campaign>(({ sent }) => sent) },
      ...OUTCOME_COLUMNS,
      { label: COUNTS.recipients.label, kind: 'count', value: ({ recipients }) => recipients },
      rateColumn('openRate'),
      rateColumn('clickRate'),
    ],
  })
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      h('p', { class: 'small' }, RATE_NOTE),
      createCard('By day', undefined, series.element),
      createCard('Top campaigns', 'The first 10 by messages sent; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => summary.totalCampaigns === 0,
    show({ current, previous, zone }) {
      kpiCards.show(current.summary, previous?.summary)
      series.show(current.timeSeries, zone, 'day')
      top.show(current.topCampaigns)
    },
  }
}
