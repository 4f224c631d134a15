import type { Campaigns } from '../../analytics/campaigns.ts'
import { h } from '../dom.ts'
import { card } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body, Choose } from './body.ts'
import { FOUR_COLUMNS, FOUR_LINES, partBy, RATE_COLUMNS, RATE_NOTE, startOf } from './message-lines.ts'

type Campaign = Campaigns['topCampaigns'][number]

export function createCampaigns(choose: Choose): Body<'campaigns'> {
  const tiles = createTiles<Campaigns['summary']>('Totals', [
    { label: 'Campaigns', value: (of) => of.totalCampaigns, more: 'neither' },
    { label: 'Completed', value: (of) => of.completedCampaigns },
    { label: 'Recipients', value: (of) => of.totalRecipients },
    { label: 'Open rate', colour: 'opened', kind: 'rate', value: (of) => of.avgOpenRate },
    { label: 'Click rate', colour: 'clicked', kind: 'rate', value: (of) => of.avgClickRate },
  ])
  const series = createLineChart<Campaigns['timeSeries'][number]>({
    title: 'Messages of campaigns by day',
    lines: FOUR_LINES,
    start: startOf,
  })
  const [sentColumn, ...others] = FOUR_COLUMNS
  const top = createTable<Campaign>({
    caption: 'Top campaigns',
    empty: 'No campaign in these days.',
    choose: ({ campaignId }) => choose(campaignId),
    chooseLabel: 'Show this campaign only',
    columns: [
      { label: 'Campaign', kind: 'name', value: ({ name }) => name },
      { ...sentColumn!, part: partBy<Campaign>(({ sent }) => sent) },
      ...others,
      { label: 'Recipients', kind: 'count', value: ({ recipients }) => recipients },
      ...RATE_COLUMNS,
    ],
  })
  return {
    element: h(
      'div',
      { class: 'stack' },
      tiles.element,
      h('p', { class: 'small' }, RATE_NOTE),
      card('By day', undefined, series.element),
      card('Top campaigns', 'The first 10 by messages sent; an export holds all', top.element),
    ),
    isEmpty: ({ summary }) => summary.totalCampaigns === 0,
    show({ now, before, zone }) {
      tiles.show(now.summary, before?.summary)
      series.show(now.timeSeries, zone, 'day')
      top.show(now.topCampaigns)
    },
  }
}
