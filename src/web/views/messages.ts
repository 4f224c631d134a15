import type { Messages } from '../../analytics/dashboards/messages.ts'
import { rateOf } from '../../analytics/metrics.ts'
import { h } from '../dom.ts'
import { channelName } from '../channel-names.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type View, type ViewData } from './view.ts'
import {
  bucketStartOf,
  ENGAGEMENT_LINES,
  messageColumn,
  messageLine,
  OUTCOME_COLUMNS,
  RATE_NOTE,
  rateColumn,
  shareOfLargest,
} from './message-series.ts'

type Summary = Messages['summary']
type Channel = Messages['byChannel'][number]

export const messagesView = defineView({
  id: 'messages',
  dashboard: 'messages',
  title: 'Messages',
  subtitle: 'Every outcome, by time and by channel',
  create: createMessagesView,
})

function createMessagesView(): View<'messages'> {
  const kpiCards = createKpiCards<Summary>('Totals', [
    messageLine('sent'),
    { ...messageLine('delivered'), rate: { label: 'of sent', value: (of) => rateOf('deliveryRate', of) } },
    { ...messageLine('opened'), rate: { label: 'of delivered', value: (of) => rateOf('openRate', of) } },
    { ...messageLine('clicked'), rate: { label: 'of delivered', value: (of) => rateOf('clickRate', of) } },
  ])
  const failureKpiCards = createKpiCards<Summary>('Totals of failures', [
    {
      ...messageLine('bounced'),
      increaseIs: 'bad',
      rate: { label: 'of sent', value: (of) => rateOf('bounceRate', of), increaseIs: 'bad' },
    },
    { ...messageLine('complained'), increaseIs: 'bad' },
    { ...messageLine('unsubscribed'), increaseIs: 'bad' },
  ])
  const series = createLineChart<Messages['timeSeries'][number]>({
    title: 'Messages over time',
    lines: ENGAGEMENT_LINES,
    start: bucketStartOf,
  })
  const failureChart = createLineChart<Messages['timeSeries'][number]>({
    title: 'Bounces, complaints and unsubscriptions over time',
    lines: [messageLine('bounced'), messageLine('complained'), messageLine('unsubscribed')],
    start: bucketStartOf,
  })
  const channels = createTable<Channel>({
    caption: 'Messages by channel',
    emptyText: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ({ channel }) => channelName(channel) },
      { ...messageColumn('sent'), barShare: shareOfLargest<Channel>(({ sent }) => sent) },
      ...OUTCOME_COLUMNS,
      messageColumn('bounced'),
      rateColumn('deliveryRate'),
      rateColumn('openRate'),
      rateColumn('clickRate'),
      rateColumn('bounceRate'),
    ],
  })
  let shown: ViewData<'messages'> | undefined
  const showTotals = (totals: Summary) => {
    for (const each of [kpiCards, failureKpiCards]) each.show(totals, shown?.previous?.summary)
  }
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      h('p', { class: 'small' }, RATE_NOTE),
      createCard('Over time', undefined, series.element),
      failureKpiCards.element,
      createCard('Failures', 'Messages that were not delivered or not wanted', failureChart.element),
      createCard('By channel', undefined, channels.element),
    ),
    isEmpty: ({ summary }) => Object.values(summary).every((count) => count === 0),
    show(next) {
      shown = next
      const { current, zone, granularity } = next
      showTotals(current.summary)
      series.show(current.timeSeries, zone, granularity)
      failureChart.show(current.timeSeries, zone, granularity)
      channels.show(current.byChannel)
    },
    applyLiveTotals: showTotals,
  }
}
