import type { Granularity } from '../../analytics/time/buckets.ts'

/** A line of a chart. */
export interface Line<Point> {
  readonly id: string
  readonly label: string
  /** The name of the custom property `--series-…` in the style sheet. The colour of a metric is the same in all charts. */
  readonly colour: string
  readonly value: (point: Point) => number
}

export interface SeriesProps<Point> {
  readonly title: string
  readonly lines: readonly Line<Point>[]
  readonly points: readonly Point[]
  /** The points of the previous period, in the same order. */
  readonly previousPoints?: readonly Point[] | undefined
  /** The start of a point's bucket, epoch milliseconds. */
  readonly start: (point: Point) => number
  readonly zone: string
  readonly granularity: Granularity
  /** When the numbers were read, epoch milliseconds: later buckets have no data yet, and the bucket that contains it is incomplete. */
  readonly asOf: number
}
