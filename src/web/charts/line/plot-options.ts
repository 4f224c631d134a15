import type uPlot from 'uplot'
import { formatAxisRate, formatCompactCount, formatFineRate } from '../../format/numbers.ts'
import type { ChartUnit, Line } from '../series.ts'
import type { Tick } from './time-ticks.ts'

interface PlotOptions {
  /** The element that contains the plot: it gives the size, the font and the colours. */
  readonly container: HTMLElement
  readonly unit: ChartUnit
  /** Whether the scale ends near the largest value, however small that is. */
  readonly isFine: boolean
  readonly lines: readonly Pick<Line<never>, 'colour'>[]
  /** The labels of the time axis, at most `maxCount`. */
  readonly ticks: (maxCount: number) => readonly Tick[]
  /** Called whenever the lines were drawn. */
  readonly onDraw: () => void
}

/** With more points than this, a marker for each of them would hide the line. */
const MAX_MARKERS = 16
/** Parts of the size of the font, which is larger on large screens. */
const TICK_SPACE = 5.3
const CHARACTER_WIDTH = 0.6
/** Sizes in CSS pixels, which the canvas cannot read from a style sheet. */
const AXIS_GAP = 10
/** In characters. It leaves room for half of the first label of the time axis. */
const MIN_LABEL_LENGTH = 4
const LINE_WIDTH = 2
const PREVIOUS_LINE_WIDTH = 1
const OPEN_DASH = [4, 4]
const MARKER_SIZE = 6
const CURSOR_MARKER_SIZE = 10

/** Axis steps of counts, which are whole numbers. */
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()
/** Axis steps of rates whose parts matter. */
const FINE_STEPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, ...WHOLE_STEPS]
/** The least ends of the scale. */
const LEAST_TOP = 4
const LEAST_FINE_TOP = 0.05

/** The cursor follows the signals of the chart instead of the mouse. */
const NO_LISTENER = () => null
const NO_LISTENERS: uPlot.Cursor.Bind = {
  mousedown: NO_LISTENER,
  mouseup: NO_LISTENER,
  click: NO_LISTENER,
  dblclick: NO_LISTENER,
  mousemove: NO_LISTENER,
  mouseleave: NO_LISTENER,
  mouseenter: NO_LISTENER,
}

/** The options of a plot of `plotDataOf`: each line has three series. Colours are read each time the plot is drawn, because the colour scheme may change. */
export function plotOptionsOf({ container, unit, isFine, lines, ticks, onDraw }: PlotOptions): uPlot.Options {
  const styles = getComputedStyle(container)
  const textColour = () => styles.color
  const property = (name: string) => () => styles.getPropertyValue(name).trim()
  const fontSize = Number.parseFloat(styles.fontSize)
  const maxTickCount = (plot: uPlot) => Math.max(2, Math.floor(plot.width / (fontSize * TICK_SPACE)))
  const leastTop = isFine && unit === 'rate' ? LEAST_FINE_TOP : LEAST_TOP
  const axis: uPlot.Axis = {
    stroke: textColour,
    font: `${fontSize}px ${styles.fontFamily}`,
    ticks: { show: false },
    incrs: isFine && unit === 'rate' ? FINE_STEPS : WHOLE_STEPS,
  }
  const series = (options: (colour: uPlot.Series.Stroke) => uPlot.Series) =>
    lines.map(({ colour }) => options(property(`--series-${colour}`)))
  return {
    width: container.clientWidth,
    height: container.clientHeight,
    padding: [12, 28, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      // Without its own listeners the library takes every click for the end of a drag, and stops it.
      drag: { x: false, y: false, click: () => undefined },
      bind: NO_LISTENERS,
      points: {
        size: (_, index) => (index <= lines.length ? MARKER_SIZE : CURSOR_MARKER_SIZE),
        width: LINE_WIDTH,
        fill: (plot, index) => (plot.series[index]!.stroke as (plot: uPlot, index: number) => string)(plot, index),
        stroke: property('--surface'),
      },
    },
    scales: {
      // A single bucket stands in the middle.
      x: {
        time: false,
        range: (plot) => ((plot.data?.[0].length ?? 0) > 1 ? [0, plot.data[0].length - 1] : [-0.5, 0.5]),
      },
      y: { range: (_, __, max) => [0, Math.max(leastTop, max * 1.08)] },
    },
    series: [
      {},
      ...series((stroke) => ({ stroke, width: PREVIOUS_LINE_WIDTH, alpha: 0.6, points: { show: false } })),
      ...series((stroke) => ({
        stroke,
        width: LINE_WIDTH,
        points: {
          show: (plot) => plot.data[0].length <= MAX_MARKERS,
          size: MARKER_SIZE,
          fill: property('--surface'),
        },
      })),
      ...series((stroke) => ({
        stroke,
        width: LINE_WIDTH,
        dash: OPEN_DASH,
        points: {
          show: true,
          size: MARKER_SIZE,
          fill: property('--surface'),
          // Final values have the markers of their own line. Of many open ones, only the last has a marker.
          filter: (plot, index) => {
            const finals = plot.data[index - lines.length]!
            const open = [...plot.data[index]!.keys()].filter(
              (bucket) => plot.data[index]![bucket] !== null && finals[bucket] === null,
            )
            return plot.data[0].length <= MAX_MARKERS ? open : open.slice(-1)
          },
        },
      })),
    ],
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: (_, values) => fontSize * ((values ?? []).some((label) => label.includes('\n')) ? 3.2 : 2),
        splits: (plot) => ticks(maxTickCount(plot)).map(({ index }) => index),
        values: (plot, splits) => {
          const labels = new Map(ticks(maxTickCount(plot)).map(({ index, label }) => [index, label]))
          return splits.map((index) => labels.get(index) ?? '')
        },
      },
      {
        ...axis,
        grid: { stroke: property('--line-soft'), width: 1 },
        size: (_, values) => {
          const length = Math.max(MIN_LABEL_LENGTH, ...(values ?? []).map((label) => label.length))
          return length * fontSize * CHARACTER_WIDTH + AXIS_GAP
        },
        values: (_, splits) =>
          splits.map(unit === 'count' ? formatCompactCount : isFine ? formatFineRate : formatAxisRate),
      },
    ],
    hooks: { draw: [onDraw] },
  }
}
