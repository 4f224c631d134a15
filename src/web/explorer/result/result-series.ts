/** The rows of a query over time as the lines of a chart. */
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import type { AnsweredRow, QueryData } from '../../../analytics/custom-query/query-response.ts'
import { maturityAt } from '../../../analytics/engagement/maturity.ts'
import { bucketStarts, bucketTimestamp } from '../../../analytics/time/buckets.ts'
import { findTimeZone } from '../../../base/time-zone.ts'
import type { SeriesProps } from '../../charts/series.ts'
import type { Exploration } from '../exploration.ts'
import { metricOf, type QuerySchema } from '../query-schema.ts'
import { metricTitle, rowName } from './result-values.ts'

/** More lines cannot be told apart. */
export const MAX_LINES = 7
/** The names of the custom properties `--series-…`, in the order of the lines. */
const COLOURS = ['sent', 'delivered', 'opened', 'clicked', 'bounced', 'complained', 'unsubscribed'] as const

/** A bucket with the value of each line. */
export interface Point {
  readonly start: number
  readonly values: ReadonlyMap<string, number | null>
}

export interface ResultSeries extends Omit<SeriesProps<Point>, 'title' | 'asOf'> {
  /** The number of lines, of which only the largest are drawn. */
  readonly lineCount: number
}

interface SeriesRequest {
  readonly schema: QuerySchema
  readonly exploration: Exploration
  readonly answer: QueryData
  readonly zone: string
  readonly asOf: number
}

interface ResultLine {
  readonly id: string
  readonly label: string
  readonly metric: QueryMetricName
  readonly rows: ReadonlyMap<unknown, AnsweredRow>
}

/** Without dimensions a line for each metric of the unit of the first one, otherwise one of the first metric for each of the largest groups. */
export function resultSeries({ schema, exploration, answer, zone: zoneName, asOf }: SeriesRequest): ResultSeries {
  const { metrics, dimensions } = exploration
  const granularity = exploration.granularity!
  const zone = findTimeZone(zoneName)!
  const startsOf = ({ start, end }: { readonly start: string; readonly end: string }) =>
    bucketStarts({ start: Date.parse(start), end: Date.parse(end) }, granularity, zone)
  const starts = startsOf(answer.query.timeRange)
  const timestamps = starts.map((start) => bucketTimestamp(start, granularity, zone))
  const olderStarts = answer.comparison && startsOf(answer.comparison.timeRange)
  const first = metricOf(schema, metrics[0]!)
  const isRate = first.unit === 'percent'
  const all = dimensions.length === 0 ? metricLines(schema, metrics, answer) : groupLines(exploration, answer, isRate)
  const lines = all.slice(0, MAX_LINES)
  const isMatureAt = maturityAt(asOf, starts, granularity, zone)
  const hasEngagement = lines.some(({ metric }) => metricOf(schema, metric).kind === 'engagement')
  const pointsOf = (
    pointStarts: readonly number[],
    valueOf: (row: AnsweredRow | undefined, metric: string) => number | null,
  ) =>
    pointStarts.map((start, index): Point => ({
      start,
      values: new Map(lines.map(({ id, metric, rows }) => [id, valueOf(rows.get(timestamps[index]), metric)])),
    }))
  return {
    unit: isRate ? 'rate' : 'count',
    lines: lines.map(({ id, label, metric }, index) => ({
      id,
      label,
      colour: COLOURS[index]!,
      value: ({ values }) => values.get(id) ?? 0,
      isSettled: metric === 'messages' || metricOf(schema, metric).kind !== 'engagement',
    })),
    lineCount: all.length,
    points: pointsOf(starts, (row, metric) => row?.values[metric] ?? null),
    previousPoints: olderStarts && pointsOf(olderStarts, (row, metric) => row?.previous?.[metric] ?? null),
    start: ({ start }) => start,
    isMature: hasEngagement ? ({ start }) => isMatureAt(start) : undefined,
    zone: zoneName,
    granularity,
  }
}

function metricLines(schema: QuerySchema, metrics: readonly QueryMetricName[], { rows }: QueryData): ResultLine[] {
  const group = (name: QueryMetricName) => {
    const { unit } = metricOf(schema, name)
    return unit === 'percent' || unit === 'seconds' ? unit : 'count'
  }
  const byTime = new Map(rows.map((row) => [row.keys['timestamp'], row]))
  return metrics
    .filter((name) => group(name) === group(metrics[0]!))
    .map((metric) => ({ id: metric, label: metricTitle(schema, metric, metrics), metric, rows: byTime }))
}

function groupLines({ metrics, dimensions }: Exploration, { rows }: QueryData, isRate: boolean): ResultLine[] {
  const metric = metrics[0]!
  const groups = Map.groupBy(rows, ({ keys }) => JSON.stringify(dimensions.map((name) => keys[name])))
  const sizeOf = (group: readonly AnsweredRow[]) => {
    const sum = group.reduce((total, { values }) => total + (values[metric] ?? 0), 0)
    return isRate ? sum / group.length : sum
  }
  return [...groups]
    .toSorted(([, a], [, b]) => sizeOf(b) - sizeOf(a))
    .map(([id, group]) => ({
      id,
      label: rowName(dimensions, group[0]!),
      metric,
      rows: new Map(group.map((row) => [row.keys['timestamp'], row])),
    }))
}
