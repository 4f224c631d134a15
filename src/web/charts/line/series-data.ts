import { type BucketState, bucketStates, type SeriesProps } from '../series.ts'

/** A number, or null where there is no data. */
export type Value = number | null

/** The numbers of a chart by line and bucket. */
export interface SeriesData {
  /** The start of each bucket, epoch milliseconds. */
  readonly starts: readonly number[]
  readonly states: readonly BucketState[]
  /** The values of each line, one for each bucket. */
  readonly values: readonly (readonly Value[])[]
  /** The buckets of each line whose value may still change. */
  readonly open: readonly (readonly boolean[])[]
  /** The previous period, aligned by index: its first bucket belongs to the first bucket of the range. */
  readonly previous: PreviousData | undefined
  /** The sum of each line. */
  readonly sums: readonly number[]
}

export interface PreviousData {
  readonly starts: readonly number[]
  readonly values: readonly (readonly Value[])[]
}

/** The numbers of a chart. */
export function seriesData<Point>(series: Omit<SeriesProps<Point>, 'title'>): SeriesData {
  const { points, previousPoints, lines, start } = series
  const states = bucketStates(series)
  const values = lines.map(({ value }) =>
    points.map((point, index) => (states[index] === 'noData' ? null : value(point))),
  )
  const open = lines.map(({ isSettled = false }) =>
    states.map((state) => state === 'incomplete' || (state === 'immature' && !isSettled)),
  )
  const earlier = previousPoints?.slice(0, points.length) ?? []
  return {
    starts: points.map(start),
    states,
    values,
    open,
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
 * The data of the plot: the index of each bucket; then for each line the previous period, the final values, and those that may still change with the final ones beside them,
 * each in the order of the lines.
 */
export function plotDataOf({ starts, values, open, previous }: SeriesData): [number[], ...Value[][]] {
  const nothing = starts.map(() => null)
  return [
    starts.map((_, index) => index),
    ...values.map((_, line) => [...(previous?.values[line] ?? nothing)]),
    ...values.map((counts, line) => counts.map((value, index) => (open[line]![index] ? null : value))),
    ...values.map((counts, line) => {
      const isOpen = (index: number) => open[line]![index] === true
      // A segment begins and ends at the final value beside it.
      return counts.map((value, index) => (isOpen(index) || isOpen(index + 1) || isOpen(index - 1) ? value : null))
    }),
  ]
}
