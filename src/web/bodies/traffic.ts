import type { Traffic } from '../../analytics/traffic.ts'
import { h } from '../dom.ts'
import { weekMatrix } from '../week-matrix.ts'
import { card } from '../widgets/card.ts'
import { createHeatMap } from '../widgets/heat-map.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createTiles } from '../widgets/tiles.ts'
import type { Body } from './body.ts'
import { partBy, startOf } from './message-lines.ts'

type Hour = Traffic['peakHours'][number]
type Day = Traffic['byDayOfWeek'][number]

export function createTraffic(): Body<'traffic'> {
  const tiles = createTiles<Traffic>('Totals', [
    { label: 'Messages sent', colour: 'sent', value: ({ byDayOfWeek }) => sum(byDayOfWeek) },
    { label: 'In the busiest hour of the day', value: ({ peakHours }) => most(peakHours), more: 'neither' },
    { label: 'On the busiest weekday', value: ({ byDayOfWeek }) => most(byDayOfWeek), more: 'neither' },
  ])
  const heat = createHeatMap('Messages sent by weekday and hour')
  const series = createLineChart<Traffic['timeSeries'][number]>({
    title: 'Messages sent over time',
    lines: [{ label: 'Sent', colour: 'sent', value: ({ messageCount }) => messageCount }],
    start: startOf,
  })
  const hours = createTable<Hour>({
    caption: 'Messages sent by hour of the day',
    columns: [
      { label: 'Hour', kind: 'label', value: ({ hour }) => `${String(hour).padStart(2, '0')}:00` },
      {
        label: 'Sent',
        kind: 'count',
        value: ({ messageCount }) => messageCount,
        part: partBy<Hour>(({ messageCount }) => messageCount),
      },
    ],
  })
  const days = createTable<Day>({
    caption: 'Messages sent by weekday',
    columns: [
      { label: 'Weekday', kind: 'label', value: ({ day }) => day },
      {
        label: 'Sent',
        kind: 'count',
        value: ({ messageCount }) => messageCount,
        part: partBy<Day>(({ messageCount }) => messageCount),
      },
    ],
  })
  for (const { element } of [hours, days]) element.classList.add('funnel')
  hours.element.classList.add('dense')
  return {
    element: h(
      'div',
      { class: 'stack' },
      tiles.element,
      card('Through the week', 'Messages sent in each hour of each weekday, by local clocks', heat.element),
      card('Over time', undefined, series.element),
      h(
        'div',
        { class: 'columns' },
        card('By weekday', undefined, days.element),
        card('By hour of the day', undefined, hours.element),
      ),
    ),
    isEmpty: ({ byDayOfWeek }) => sum(byDayOfWeek) === 0,
    show({ now, before, hourly, zone, granularity }) {
      tiles.show(now, before)
      heat.show(weekMatrix(hourly?.timeSeries ?? [], zone))
      series.show(now.timeSeries, zone, granularity)
      hours.show(now.peakHours)
      days.show(now.byDayOfWeek)
    },
  }
}

function sum(counts: readonly { readonly messageCount: number }[]): number {
  return counts.reduce((total, { messageCount }) => total + messageCount, 0)
}

function most(counts: readonly { readonly messageCount: number }[]): number {
  return Math.max(0, ...counts.map(({ messageCount }) => messageCount))
}
