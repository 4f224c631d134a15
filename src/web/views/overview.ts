import type { Overview } from '../../analytics/dashboards/overview.ts'
import { rate } from '../../analytics/rates.ts'
import { h } from '../dom.ts'
import { channelName } from './view-definitions.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import type { View, ViewData } from './view.ts'
import { ENGAGEMENT_LINES, RATE_NOTE } from './message-series.ts'

type Summary = Overview['summary']

export function createOverviewView(): View<'overview'> {
  const kpiCards = createKpiCards<Summary>('Totals', [
    { label: 'Sent', colour: 'sent', value: (of) => of.totalMessagesSent },
    {
      label: 'Delivered',
      colour: 'delivered',
      value: (of) => of.totalDelivered,
      rate: { label: 'of sent', value: (of) => of.deliveryRate },
    },
    {
      label: 'Opened',
      colour: 'opened',
      value: (of) => of.totalOpened,
      rate: { label: 'of delivered', value: (of) => of.openRate },
    },
    {
      label: 'Clicked',
      colour: 'clicked',
      value: (of) => of.totalClicked,
      rate: { label: 'of delivered', value: (of) => of.clickRate },
    },
  ])
  const trend = createLineChart<Overview['trend'][number]>({
    title: 'Messages by day',
    lines: ENGAGEMENT_LINES,
    // A local date, named as if it were one in UTC.
    start: ({ date }) => Date.parse(date),
  })
  const channels = createTable<readonly [string, Overview['byChannel'][string]]>({
    caption: 'Messages by channel',
    emptyText: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ([channel]) => channelName(channel) },
      {
        label: 'Sent',
        kind: 'count',
        value: ([, counts]) => counts.sent,
        barShare: ([, { sent }], all) => sent / Math.max(1, ...all.map(([, counts]) => counts.sent)),
      },
      { label: 'Delivered', kind: 'count', value: ([, counts]) => counts.delivered },
      { label: 'Opened', kind: 'count', value: ([, counts]) => counts.opened },
      { label: 'Clicked', kind: 'count', value: ([, counts]) => counts.clicked },
      { label: 'Delivery rate', kind: 'rate', value: ([, counts]) => rate(counts.delivered, counts.sent) },
      { label: 'Open rate', kind: 'rate', value: ([, counts]) => rate(counts.opened, counts.delivered) },
      { label: 'Click rate', kind: 'rate', value: ([, counts]) => rate(counts.clicked, counts.delivered) },
    ],
  })
  let shown: ViewData<'overview'> | undefined
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      h('p', { class: 'small' }, RATE_NOTE),
      createCard('By day', undefined, trend.element),
      createCard('By channel', undefined, channels.element),
    ),
    isEmpty: ({ summary, byChannel }) => summary.totalMessagesSent === 0 && Object.keys(byChannel).length === 0,
    show(next) {
      shown = next
      kpiCards.show(next.current.summary, next.previous?.summary)
      trend.show(next.current.trend, 'UTC', 'day')
      channels.show(Object.entries(next.current.byChannel).toSorted(([, a], [, b]) => b.sent - a.sent))
    },
    applyLiveTotals({ sent, delivered, opened, clicked }) {
      if (!shown) return
      const summary: Summary = {
        totalMessagesSent: sent,
        totalDelivered: delivered,
        totalOpened: opened,
        totalClicked: clicked,
        deliveryRate: rate(delivered, sent),
        openRate: rate(opened, delivered),
        clickRate: rate(clicked, delivered),
      }
      kpiCards.show(summary, shown.previous?.summary)
    },
  }
}
