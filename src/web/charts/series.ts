import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Drills } from '../drill-down/drills.ts'
import { findTimeZone } from '../../base/time-zone.ts'
import type { ViewState } from '../state/view-state.ts'

/** A line of a chart. */
export interface Line<Point> {
  readonly id: string
  readonly label: string
  /** The name of the custom property `--series-…` in the style sheet. The colour of a metric is the same in all charts. */
  readonly colour: string
  readonly value: (point: Point) => number
  /** What is behind a value, which the table leads to. */
  readonly link?: ((point: Point) => Partial<ViewState> | undefined) | undefined
  /** Whether its values are final when the bucket is over, also where the bucket is immature. */
  readonly isSettled?: boolean
}

/** A series of points, one for each bucket of the range, ascending and without gaps. */
export interface Series<Point> {
  readonly points: readonly Point[]
  /** The start of a point's bucket, epoch milliseconds. */
  readonly start: (point: Point) => number
  readonly zone: string
  readonly granularity: Granularity
  /** When the numbers were read, epoch milliseconds: later buckets have no data yet, and the bucket that contains it is incomplete. */
  readonly asOf: number
  /** Whether the numbers of a point are final. Undefined where they are final when the bucket is over. */
  readonly isMature?: ((point: Point) => boolean) | undefined
}

/** What the numbers of a chart are: counts, or rates in percent. */
export type ChartUnit = 'count' | 'rate'

export interface SeriesProps<Point> extends Series<Point> {
  readonly title: string
  /** Counts by default. */
  readonly unit?: ChartUnit
  /** Says why the numbers of a bucket may still change. Undefined where messages may still be opened. */
  readonly immatureNote?: string
  readonly lines: readonly Line<Point>[]
  /** The points of the previous period, in the same order. */
  readonly previousPoints?: readonly Point[] | undefined
  /** The searches behind the values. */
  readonly drills?: Drills | undefined
  /** The metrics of the lines whose ids are other words. */
  readonly metricOf?: Readonly<Record<string, string>> | undefined
}

/**
 * `immature` = the bucket is over, but its numbers may still change; `incomplete` = it contains the instant at which the numbers were read; `noData` = it lies after that
 * instant, so that its zero means nothing.
 */
export type BucketState = 'complete' | 'immature' | 'incomplete' | 'noData'

/** The state of each bucket of a series. */
export function bucketStates<Point>(series: Series<Point>): BucketState[] {
  const { points, start, zone, granularity, asOf, isMature = () => true } = series
  return points.map((point, index) => {
    const bucketStart = start(point)
    if (bucketStart > asOf) return 'noData'
    const next = points[index + 1]
    const end = next === undefined ? bucketEnd(bucketStart, granularity, zone) : start(next)
    return end > asOf ? 'incomplete' : isMature(point) ? 'complete' : 'immature'
  })
}

/** The points whose buckets were over when the numbers were read. */
export function completePoints<Point>(series: Series<Point>): Point[] {
  const states = bucketStates(series)
  return series.points.filter((_, index) => states[index] === 'complete' || states[index] === 'immature')
}

/** The first instant after a bucket, epoch milliseconds. */
function bucketEnd(start: number, granularity: Granularity, timeZone: string): number {
  if (granularity === 'hour') return start + 3_600_000
  const zone = findTimeZone(timeZone)!
  const { year, month, day } = zone.localDate(start)
  if (granularity === 'month') return zone.startOfDay({ year, month: month + 1, day: 1 })
  return zone.startOfDay({ year, month, day: day + (granularity === 'week' ? 7 : 1) })
}
