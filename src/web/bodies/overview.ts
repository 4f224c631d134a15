import type { Overview } from '../../analytics/overview.ts'
import { rate } from '../../analytics/rates.ts'
import { h } from '../dom.ts'
import { channelName } from '../views.ts'
import { card } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body, Shown } from './body.ts'
import { FOUR_LINES, RATE_NOTE } from './message-lines.ts'

type Summary = Overview['summary']

export function createOverview(): Body<'overview'> {
  const tiles = createTiles<Summary>('Totals', [
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
    lines: FOUR_LINES,
    // A local date, named as if it were one in UTC.
    start: ({ date }) => Date.parse(date),
  })
  const channels = createTable<readonly [string, Overview['byChannel'][string]]>({
    caption: 'Messages by channel',
    empty: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ([channel]) => channelName(channel) },
      {
        label: 'Sent',
        kind: 'count',
        value: ([, counts]) => counts.sent,
        part: ([, { sent }], all) => sent / Math.max(1, ...all.map(([, counts]) => counts.sent)),
      },
      { label: 'Delivered', kind: 'count', value: ([, counts]) => counts.delivered },
      { label: 'Opened', kind: 'count', value: ([, counts]) => counts.opened },
      { label: 'Clicked', kind: 'count', value: ([, counts]) => counts.clicked },
      { label: 'Delivery rate', kind: 'rate', value: ([, counts]) => rate(counts.delivered, counts.sent) },
      { label: 'Open rate', kind: 'rate', value: ([, counts]) => rate(counts.opened, counts.delivered) },
      { label: 'Click rate', kind: 'rate', value: ([, counts]) => rate(counts.clicked, counts.delivered) },
    ],
  })
  let shown: Shown<'overview'> | undefined
  return {
    element: h(
      'div',
      { class: 'stack' },
      tiles.element,
      h('p', { class: 'small' }, RATE_NOTE),
      card('By day', undefined, trend.element),
      card('By channel', undefined, channels.element),
    ),
    isEmpty: ({ summary, byChannel }) => summary.totalMessagesSent === 0 && Object.keys(byChannel).length === 0,
    show(next) {
      shown = next
      tiles.show(next.now.summary, next.before?.summary)
      trend.show(next.now.trend, 'UTC', 'day')
      channels.show(Object.entries(next.now.byChannel).toSorted(([, a], [, b]) => b.sent - a.sent))
    },
    tick({ sent, delivered, opened, clicked }) {
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
      tiles.show(summary, shown.before?.summary)
    },
  }
}
