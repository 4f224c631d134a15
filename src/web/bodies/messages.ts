import type { Messages } from '../../analytics/messages.ts'
import { rate } from '../../analytics/rates.ts'
import { h } from '../dom.ts'
import { channelName } from '../views.ts'
import { card } from '../widgets/card.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body, Shown } from './body.ts'
import { FOUR_COLUMNS, FOUR_LINES, partBy, RATE_COLUMNS, RATE_NOTE, startOf } from './message-lines.ts'

type Summary = Messages['summary']
type Channel = Messages['byChannel'][number]

export function createMessages(): Body<'messages'> {
  const tiles = createTiles<Summary>('Totals', [
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
  const troubleTiles = createTiles<Summary>('Trouble in numbers', [
    {
      label: 'Bounced',
      colour: 'bounced',
      value: (of) => of.bounced,
      more: 'bad',
      rate: { label: 'of sent', value: (of) => rate(of.bounced, of.sent), more: 'bad' },
    },
    { label: 'Complained', colour: 'complained', value: (of) => of.complained, more: 'bad' },
    { label: 'Unsubscribed', colour: 'unsubscribed', value: (of) => of.unsubscribed, more: 'bad' },
  ])
  const series = createLineChart<Messages['timeSeries'][number]>({
    title: 'Messages over time',
    lines: FOUR_LINES,
    start: startOf,
  })
  const trouble = createLineChart<Messages['timeSeries'][number]>({
    title: 'Bounces, complaints and unsubscriptions over time',
    lines: [
      { label: 'Bounced', colour: 'bounced', value: (point) => point.bounced },
      { label: 'Complained', colour: 'complained', value: (point) => point.complained },
      { label: 'Unsubscribed', colour: 'unsubscribed', value: (point) => point.unsubscribed },
    ],
    start: startOf,
  })
  const [sentColumn, ...others] = FOUR_COLUMNS
  const channels = createTable<Channel>({
    caption: 'Messages by channel',
    empty: 'No messages in these days.',
    columns: [
      { label: 'Channel', kind: 'label', value: ({ channel }) => channelName(channel) },
      { ...sentColumn!, part: partBy<Channel>(({ sent }) => sent) },
      ...others,
      { label: 'Bounced', kind: 'count', value: ({ bounced }) => bounced },
      { label: 'Delivery rate', kind: 'rate', value: ({ deliveryRate }) => deliveryRate },
      ...RATE_COLUMNS,
      { label: 'Bounce rate', kind: 'rate', value: ({ bounceRate }) => bounceRate },
    ],
  })
  let shown: Shown<'messages'> | undefined
  const showTotals = (totals: Summary) => {
    for (const each of [tiles, troubleTiles]) each.show(totals, shown?.before?.summary)
  }
  return {
    element: h(
      'div',
      { class: 'stack' },
      tiles.element,
      h('p', { class: 'small' }, RATE_NOTE),
      card('Over time', undefined, series.element),
      troubleTiles.element,
      card('Trouble', 'What keeps messages from people, or people from messages', trouble.element),
      card('By channel', undefined, channels.element),
    ),
    isEmpty: ({ summary }) => Object.values(summary).every((count) => count === 0),
    show(next) {
      shown = next
      const { now, zone, granularity } = next
      showTotals(now.summary)
      series.show(now.timeSeries, zone, granularity)
      trouble.show(now.timeSeries, zone, granularity)
      channels.show(now.byChannel)
    },
    tick: showTotals,
  }
}
