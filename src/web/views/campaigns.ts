import type { Campaigns } from '../../analytics/dashboards/campaigns.ts'
import { h } from '../dom.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import type { View, SelectEntity } from './view.ts'
import {
  ENGAGEMENT_COLUMNS,
  ENGAGEMENT_LINES,
  shareOfLargest,
  RATE_COLUMNS,
  RATE_NOTE,
  bucketStartOf,
} from './message-series.ts'

type Campaign = Campaigns['topCampaigns'][number]

export function createCampaignsView(select: SelectEntity): View<'campaigns'> {
  const kpiCards = createKpiCards<Campaigns['summary']>('Totals', [
    { label: 'Campaigns', value: (of) => of.totalCampaigns, increaseIs: 'neither' },
    { label: 'Completed', value: (of) => of.completedCampaigns },
    { label: 'Recipients', value: (of) => of.totalRecipients },
    { label: 'Open rate', colour: 'opened', kind: 'rate', value: (of) => of.avgOpenRate },
    { label: 'Click rate', colour: 'clicked', kind: 'rate', value: (of) => of.avgClickRate },
  ])
  const series = createLineChart<Campaigns['timeSeries'][number]>({
    title: 'Messages of campaigns by day',
    lines: ENGAGEMENT_LINES,
    start: bucketStartOf,
  })
  const [sentColumn, ...others] = ENGAGEMENT_COLUMNS
  const top = createTable<Campaign>({
    caption: 'Top campaigns',
    emptyText: 'No campaign in these days.',
    onSelect: ({ campaignId }) => select(campaignId),
    selectLabel: 'Show this campaign only',
    columns: [
      { label: 'Campaign', kind: 'name', value: ({ name }) => name },
      { ...sentColumn!, barShare: shareOfLargest<Campaign>(({ sent }) => sent) },
      ...others,
      { label: 'Recipients', kind: 'count', value: ({ recipients }) => recipients },
      ...RATE_COLUMNS,
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
