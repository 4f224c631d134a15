import type { Traffic } from '../../analytics/dashboards/traffic.ts'
import { h } from '../dom.ts'
import { weekMatrix } from '../week-matrix.ts'
import { createCard } from '../widgets/card.ts'
import { createHeatMap } from '../widgets/heat-map.ts'
import { createLineChart } from '../widgets/line-chart.ts'
import { createTable } from '../widgets/table.ts'
import { createKpiCards } from '../widgets/kpi-cards.ts'
import { defineView, type View } from './view.ts'
import { shareOfLargest, bucketStartOf } from './message-series.ts'
import { COUNTS } from '../../analytics/metrics.ts'

type Hour = Traffic['peakHours'][number]
type Day = Traffic['byDayOfWeek'][number]

export const trafficView = defineView({
  id: 'traffic',
  dashboard: 'traffic',
  title: 'Traffic',
  subtitle: 'When messages are sent',
  needsHourly: true,
  create: createTrafficView,
})

function createTrafficView(): View<'traffic'> {
  const kpiCards = createKpiCards<Traffic>('Totals', [
    { label: 'Messages sent', colour: 'sent', value: ({ byDayOfWeek }) => totalMessages(byDayOfWeek) },
    {
      label: 'In the busiest hour of the day',
      value: ({ peakHours }) => maxMessages(peakHours),
      increaseIs: 'neither',
    },
    { label: 'On the busiest weekday', value: ({ byDayOfWeek }) => maxMessages(byDayOfWeek), increaseIs: 'neither' },
  ])
  const heat = createHeatMap('Messages sent by weekday and hour')
  const series = createLineChart<Traffic['timeSeries'][number]>({
    title: 'Messages sent over time',
    lines: [{ label: COUNTS.sent.label, colour: 'sent', value: ({ messageCount }) => messageCount }],
    start: bucketStartOf,
  })
  const hours = createTable<Hour>({
    caption: 'Messages sent by hour of the day',
    columns: [
      { label: 'Hour', kind: 'label', value: ({ hour }) => `${String(hour).padStart(2, '0')}:00` },
      {
        label: COUNTS.sent.label,
        kind: 'count',
        value: ({ messageCount }) => messageCount,
        barShare: shareOfLargest<Hour>(({ messageCount }) => messageCount),
      },
    ],
  })
  const days = createTable<Day>({
    caption: 'Messages sent by weekday',
    columns: [
      { label: 'Weekday', kind: 'label', value: ({ day }) => day },
      {
        label: COUNTS.sent.label,
        kind: 'count',
        value: ({ messageCount }) => messageCount,
        barShare: shareOfLargest<Day>(({ messageCount }) => messageCount),
      },
    ],
  })
  for (const { element } of [hours, days]) element.classList.add('funnel')
  hours.element.classList.add('dense')
  return {
    element: h(
      'div',
      { class: 'stack' },
      kpiCards.element,
      createCard('Through the week', 'Messages sent in each hour of each weekday, by local clocks', heat.element),
      createCard('Over time', undefined, series.element),
      h(
        'div',
        { class: 'columns' },
        createCard('By weekday', undefined, days.element),
        createCard('By hour of the day', undefined, hours.element),
      ),
    ),
    isEmpty: ({ byDayOfWeek }) => totalMessages(byDayOfWeek) === 0,
    show({ current, previous, hourly, zone, granularity }) {
      kpiCards.show(current, previous)
      heat.show(weekMatrix(hourly?.timeSeries ?? [], zone))
      series.show(current.timeSeries, zone, granularity)
      hours.show(current.peakHours)
      days.show(current.byDayOfWeek)
    },
  }
}

function totalMessages(counts: readonly { readonly messageCount: number }[]): number {
  return counts.reduce((total, { messageCount }) => total + messageCount, 0)
}

function maxMessages(counts: readonly { readonly messageCount: number }[]): number {
  return Math.max(0, ...counts.map(({ messageCount }) => messageCount))
}
