import type { Messages } from '../../analytics/dashboards/messages.ts'
import { rate } from '../../analytics/rates.ts'
import { h } from '../dom.ts'
import { channelName } from './view-definitions.ts'
import { createCard } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import type { View, ViewData } from './view.ts'
import {
  ENGAGEMENT_COLUMNS,
  ENGAGEMENT_LINES,
  shareOfLargest,
  RATE_COLUMNS,
  RATE_NOTE,
  bucketStartOf,
} from './message-series.ts'

type Summary = Messages['summary']
type Channel = Messages['byChannel'][number]

export function createMessagesView(): View<'messages'> {
  const kpiCards = createKpiCards<Summary>('Totals', [
    { label: 'Sent', colour: 'sent', value: (of) => of.sent },
    {
      label: 'Delivered',
      colour: 'delivered',
      value: (of) => of.delivered,
      rate: { label: 'of sent', value: (of) => rate(of.delivered, of.sent) },
    },
    {
      label: 'Opened',
      colour: 'opened',
      value: (of) => of.opened,
      rate: { label: 'of delivered', value: (of) => rate(of.opened, of.delivered) },
    },
    {
      label: 'Clicked',
      colour: 'clicked',
      value: (of) => of.clicked,
      rate: { label: 'of delivered', value: (of) => rate(of.clicked, of.delivered) },
    },
  ])
  const failureKpiCards = createKpiCards<Summary>('Trouble in numbers', [
    {
      label: 'Bounced',
      colour: 'bounced',
      value: (of) => of.bounced,
      increaseIs: 'bad',
      rate: { label: 'of sent', value: (of) => rate(of.bounced, of.sent), increaseIs: 'bad' },
    },
    { label: 'Complained', colour: 'complained', value: (of) => of.complained, increaseIs: 'bad' },
    { label: 'Unsubscribed', colour: 'unsubscribed', value: (of) => of.unsubscribed, increaseIs: 'bad' },
  ])
  const series = createLineChart<Messages['timeSeries'][number]>({
    title: 'Messages over time',
    lines: ENGAGEMENT_LINES,
    start: bucketStartOf,
  })
  const failureChart = createLineChart<Messages['timeSeries'][number]>({
    title: 'Bounces, complaints and unsubscriptions over time',
    lines: [
      { label: 'Bounced', colour: 'bounced', value: (point) => point.bounced },
      { label: 'Complained', colour: 'complained', value: (point) => point.complained },
      { label: 'Unsubscribed', colour: 'unsubscribed', value: (point) => point.unsubscribed },
    ],
    start: bucketStartOf,
  })
  const [sentColumn, ...others] = ENGAGEMENT_COLUMNS
  const channels = createTable<Channel>({
    caption: 'Messages by channel',
    emptyText: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ({ channel }) => channelName(channel) },
      { ...sentColumn!, barShare: shareOfLargest<Channel>(({ sent }) => sent) },
      ...others,
      { label: 'Bounced', kind: 'count', value: ({ bounced }) => bounced },
      { label: 'Delivery rate', kind: 'rate', value: ({ deliveryRate }) => deliveryRate },
      ...RATE_COLUMNS,
      { label: 'Bounce rate', kind: 'rate', value: ({ bounceRate }) => bounceRate },
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
      createCard('Trouble', 'What keeps messages from people, or people from messages', failureChart.element),
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
