import type { Overview } from '../../analytics/dashboards/overview.ts'
import type { CoreMessageCounts } from '../../analytics/message-counts.ts'
import { COUNTS, RATES, rateOf } from '../../analytics/metrics.ts'
import { h } from '../dom.ts'
import { channelName } from '../channel-names.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type View, type ViewData } from './view.ts'
import { ENGAGEMENT_LINES, messageColumn, OUTCOME_COLUMNS, RATE_NOTE, shareOfLargest } from './message-series.ts'

type Summary = Overview['summary']
type Channel = Overview['byChannel'][string] & { readonly channel: string }

export const overviewView = defineView({
  id: 'overview',
  dashboard: 'overview',
  title: 'Overview',
  subtitle: 'What was sent, and what came of it',
  create: createOverviewView,
})

function createOverviewView(): View<'overview'> {
  const kpiCards = createKpiCards<Summary>('Totals', [
    { label: COUNTS.sent.label, colour: 'sent', value: (of) => of.totalMessagesSent },
    {
      label: COUNTS.delivered.label,
      colour: 'delivered',
      value: (of) => of.totalDelivered,
      rate: { label: 'of sent', value: (of) => of.deliveryRate },
    },
    {
      label: COUNTS.opened.label,
      colour: 'opened',
      value: (of) => of.totalOpened,
      rate: { label: 'of delivered', value: (of) => of.openRate },
    },
    {
      label: COUNTS.clicked.label,
      colour: 'clicked',
      value: (of) => of.totalClicked,
      rate: { label: 'of delivered', value: (of) => of.clickRate },
    },
  ])
  const trend = createLineChart<Overview['trend'][number]>({
    title: 'Messages by day',
    lines: ENGAGEMENT_LINES,
    // A local date, formatted as a date in UTC.
    start: ({ date }) => Date.parse(date),
  })
  const rateOfChannel = (name: 'deliveryRate' | 'openRate' | 'clickRate') => ({
    label: RATES[name].label,
    kind: 'rate' as const,
    value: (counts: CoreMessageCounts) => rateOf(name, counts),
  })
  const channels = createTable<Channel>({
    caption: 'Messages by channel',
    emptyText: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ({ channel }) => channelName(channel) },
      { ...messageColumn('sent'), barShare: shareOfLargest<Channel>(({ sent }) => sent) },
      ...OUTCOME_COLUMNS,
      rateOfChannel('deliveryRate'),
      rateOfChannel('openRate'),
      rateOfChannel('clickRate'),
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
      channels.show(
        Object.entries(next.current.byChannel)
          .map(([channel, counts]) => ({ channel, ...counts }))
          .toSorted((a, b) => b.sent - a.sent),
      )
    },
    applyLiveTotals(totals) {
      if (!shown) return
      const summary: Summary = {
        totalMessagesSent: totals.sent,
        totalDelivered: totals.delivered,
        totalOpened: totals.opened,
        totalClicked: totals.clicked,
        deliveryRate: rateOf('deliveryRate', totals),
        openRate: rateOf('openRate', totals),
        clickRate: rateOf('clickRate', totals),
      }
      kpiCards.show(summary, shown.previous?.summary)
    },
  }
}
