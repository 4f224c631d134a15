/** The searches behind the numbers of a result: those that the service would give, for every metric. */
import type { AnsweredRow, QueryData } from '../../../analytics/custom-query/query-response.ts'
import type { DimensionName } from '../../../analytics/dimensions.ts'
import type { Drill } from '../../../analytics/drill-down/drill.ts'
import { bucketStarts, bucketTimestamp } from '../../../analytics/time/buckets.ts'
import { findTimeZone } from '../../../base/time-zone.ts'
import type { Drills } from '../../drill-down/drills.ts'
import { useDrills } from '../../drill-down/use-drills.ts'
import type { Exploration } from '../exploration.ts'
import { metricOf, type QuerySchema } from '../query-schema.ts'
import { timestampOf } from './result-values.ts'

export interface ResultDrills {
  readonly drills: Drills
  /** The search behind a number of a row; undefined where there is none. */
  ofRow(metric: string, row: AnsweredRow): Drill | undefined
  /** The search behind a total. */
  ofTotal(metric: string, value: number | null): Drill | undefined
}

interface DrilledResult {
  readonly schema: QuerySchema
  readonly exploration: Exploration
  readonly answer: QueryData
}

/** Undefined for users who may not see single contacts. */
export function useResultDrills({ schema, exploration, answer }: DrilledResult): ResultDrills | undefined {
  const { query, comparison } = answer
  const { start, end } = query.timeRange
  // A range that has not ended counts until the same time as the older one.
  const endDate = comparison?.elapsedUntil ?? end
  const drills = useDrills({
    path: '',
    body: { filter: query.filter ?? undefined, startDate: start, endDate, timezone: query.timezone },
  })
  if (!drills) return undefined
  const { metrics, dimensions, granularity } = exploration
  const zone = findTimeZone(query.timezone)!
  const starts = granularity ? bucketStarts({ start: Date.parse(start), end: Date.parse(end) }, granularity, zone) : []
  const ranges = new Map(
    starts.map((bucket, index) => [
      bucketTimestamp(bucket, granularity!, zone),
      { start: bucket, end: (starts[index + 1] ?? Infinity) - 1 },
    ]),
  )
  const isCount = (metric: string) => metricOf(schema, metric).unit !== 'percent'
  return {
    drills,
    ofRow(metric, row) {
      // Of a rate, the service gives the search behind its denominator, where it is the first number.
      if (!isCount(metric)) return metric === metrics[0] ? row.drill : undefined
      const range = ranges.get(timestampOf(row))
      const keys = keysOf(dimensions, row)
      return drills.of(metric, { value: row.values[metric] ?? null, keys, ...(range && { range }) })
    },
    ofTotal: (metric, value) => (isCount(metric) ? drills.of(metric, { value }) : undefined),
  }
}

function keysOf(
  dimensions: readonly DimensionName[],
  { keys }: AnsweredRow,
): Partial<Record<DimensionName, string | number | null>> {
  return Object.fromEntries(
    dimensions.map((name) => {
      const key = keys[name] ?? null
      return [name, typeof key === 'object' && key !== null ? key.id : key]
    }),
  )
}
