import { type BucketState, bucketStates, type SeriesProps } from './series.ts'

/** A number, or null where there is no data. */
export type Value = number | null

/** The numbers of a chart by line and bucket. */
export interface SeriesData {
  /** The start of each bucket, epoch milliseconds. */
  readonly starts: readonly number[]
  readonly states: readonly BucketState[]
  /** The values of each line, one for each bucket. */
  readonly values: readonly (readonly Value[])[]
  /** The previous period, aligned by index: its first bucket belongs to the first bucket of the range. */
  readonly previous: PreviousData | undefined
  /** The sum of each line. */
  readonly sums: readonly number[]
}

export interface PreviousData {
  readonly starts: readonly number[]
  readonly values: readonly (readonly Value[])[]
}

/** The numbers of a chart. Only hours and days are compared with the previous period, because weeks and months of two periods overlap. */
export function seriesData<Point>(series: Omit<SeriesProps<Point>, 'title'>): SeriesData {
  const { points, previousPoints, lines, start, granularity } = series
  const states = bucketStates(series)
  const values = lines.map(({ value }) =>
    points.map((point, index) => (states[index] === 'noData' ? null : value(point))),
  )
  const isComparable = granularity === 'hour' || granularity === 'day'
  const earlier = (isComparable ? previousPoints : undefined)?.slice(0, points.length) ?? []
  return {
    starts: points.map(start),
    states,
    values,
    previous:
      earlier.length === 0
        ? undefined
        : {
            starts: earlier.map(start),
            values: lines.map(({ value }) =>
              points.map((_, index) => (index < earlier.length ? value(earlier[index]!) : null)),
            ),
          },
    sums: values.map((line) => line.reduce<number>((sum, value) => sum + (value ?? 0), 0)),
  }
}

/**
 * The data of the plot: the index of each bucket; then for each line the previous period, the complete buckets, and the segment from the last complete bucket to the
 * incomplete one, each in the order of the lines.
 */
export function plotDataOf({ starts, states, values, previous }: SeriesData): [number[], ...Value[][]] {
  const incomplete = states.indexOf('incomplete')
  const nothing = starts.map(() => null)
  return [
    starts.map((_, index) => index),
    ...values.map((_, line) => [...(previous?.values[line] ?? nothing)]),
    ...values.map((line) => line.map((value, index) => (states[index] === 'complete' ? value : null))),
    ...values.map((line) =>
      line.map((value, index) =>
        incomplete >= 0 && (index === incomplete || index === incomplete - 1) ? value : null,
      ),
    ),
  ]
}
