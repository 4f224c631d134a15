import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Series } from '../charts/series.ts'
import type { ViewProps } from '../views/view.ts'

interface BucketPoint {
  /** The start of the bucket. */
  readonly timestamp: string
}

/** The series of a chart, from the points of a dashboard. */
export function bucketSeries<Point extends BucketPoint>(
  points: readonly Point[],
  granularity: Granularity,
  { viewState, asOf }: Pick<ViewProps<unknown>, 'viewState' | 'asOf'>,
): Series<Point> {
  return { points, start: ({ timestamp }) => Date.parse(timestamp), zone: viewState.zone, granularity, asOf }
}
