import uPlot from 'uplot'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { h, setText } from '../dom.ts'
import { createBucketFormatter, formatCount, formatCompactCount } from '../format.ts'
import { type Column, createTableAlternative } from './table.ts'

export interface Line<Point> {
  readonly label: string
  /** The name of the custom property `--series-…` in the style sheet. */
  readonly colour: string
  readonly value: (point: Point) => number
}

interface LineChartOptions<Point> {
  readonly title: string
  readonly lines: readonly Line<Point>[]
  /** Start of the point's bucket, epoch milliseconds. */
  readonly start: (point: Point) => number
}

const PLOT_HEIGHT = 250
const NARROW_WIDTH = 480

/** Counts over time as a line chart. The legend shows the bucket under the pointer; a table beside the chart contains the same data. */
export function createLineChart<Point>({ title, lines, start }: LineChartOptions<Point>) {
  const canvas = h('div', { class: 'plot', role: 'img', 'aria-label': title })
  const legendTime = h('span', { class: 'legend-when' })
  const values = lines.map(() => h('span', { class: 'legend-value' }))
  const legend = h(
    'div',
    { class: 'legend' },
    ...lines.map((line, index) =>
      h(
        'button',
        {
          type: 'button',
          class: 'legend-item',
          'data-colour': line.colour,
          'aria-pressed': 'true',
          click: (event) => toggle(event, index),
        },
        h('span', { class: 'swatch', 'aria-hidden': 'true' }),
        line.label,
        values[index],
      ),
    ),
    legendTime,
  )
  let points: readonly Point[] = []
  let formatBucket: (start: number) => string = String
  let plot: uPlot | undefined
  const table = createTableAlternative<Point>({
    caption: `${title}, as a table`,
    columns: [
      { label: 'From', kind: 'label', value: (point) => formatBucket(start(point)) },
      ...lines.map<Column<Point>>(({ label, value }) => ({ label, kind: 'count', value })),
    ],
  })

  function toggle(event: Event, index: number): void {
    const button = event.currentTarget as HTMLButtonElement
    const isShown = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', String(isShown))
    plot?.setSeries(index + 1, { show: isShown })
  }

  /** The legend shows the bucket under the pointer, or the sums without a pointer. */
  function showLegendValues(index: number | null | undefined): void {
    const point = index === null || index === undefined ? undefined : points[index]
    setText(legendTime, point === undefined ? '' : formatBucket(start(point)))
    for (const [at, { value }] of lines.entries())
      setText(
        values[at]!,
        formatCount(point === undefined ? points.reduce((sum, each) => sum + value(each), 0) : value(point)),
      )
  }

  const observer = new ResizeObserver(() => {
    if (plot && canvas.clientWidth > 0) plot.setSize({ width: canvas.clientWidth, height: PLOT_HEIGHT })
  })
  observer.observe(canvas)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot?.redraw())

  return {
    element: h('div', { class: 'chart' }, legend, canvas, table.element),
    show(next: readonly Point[], zone: string, granularity: Granularity) {
      points = next
      formatBucket = createBucketFormatter(granularity, zone)
      table.show(points)
      const data: uPlot.AlignedData = [
        points.map((point) => start(point) / 1000),
        ...lines.map(({ value }) => points.map(value)),
      ]
      // uPlot cannot change the time zone of a plot, so another zone needs a new plot.
      if (plot && canvas.dataset['zone'] === zone) plot.setData(data)
      else {
        plot?.destroy()
        canvas.dataset['zone'] = zone
        plot = new uPlot(plotOptionsOf(lines, zone, canvas, showLegendValues), data, canvas)
      }
      showLegendValues(plot.cursor.idx)
    },
  }
}

function plotOptionsOf(
  lines: readonly Line<never>[],
  zone: string,
  canvas: HTMLElement,
  onPointer: (index: number | null | undefined) => void,
): uPlot.Options {
  const colour = (name: string) => () => getComputedStyle(canvas).getPropertyValue(name)
  const font = '12px system-ui, sans-serif'
  const axis: uPlot.Axis = {
    stroke: colour('--ink-muted'),
    font,
    grid: { stroke: colour('--line-soft'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: canvas.clientWidth || 600,
    height: PLOT_HEIGHT,
    padding: [12, 24, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: { y: { range: (_, __, max) => [0, Math.max(4, max * 1.08)] } },
    series: [
      {},
      ...lines.map(({ label, colour: name }): uPlot.Series => ({
        label,
        stroke: colour(`--series-${name}`),
        width: 2,
        points: { show: (plot) => plot.data[0].length <= 16, size: 6, fill: colour('--surface') },
      })),
    ],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 42,
        space: (plot) => (plot.width < NARROW_WIDTH ? 56 : 72),
        values: AXIS_TIMES,
      },
      {
        ...axis,
        size: 52,
        incrs: WHOLE_STEPS,
        values: (_, splits) => splits.map(formatCompactCount),
      },
    ],
    hooks: { setCursor: [(plot) => onPointer(plot.cursor.idx)] },
  }
}

/** Axis steps of counts, which are whole numbers. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** Axis steps of time (seconds) and their formats; the second format applies where a day or year begins. */
const AXIS_TIMES: uPlot.Axis.Values = [
  [86_400 * 365, '{YYYY}', null, null, null, null, null, null, 1],
  [86_400 * 28, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{D} {MMM}', null, null, null, null, null, null, 1],
  [3_600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
]
