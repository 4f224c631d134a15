/** Answers a query: reads its groups, those of the older range and the totals, arranges them into rows, and names the entities of the page. */
import { isCoveredFrom } from '../comparison/compare.ts'
import { type Change, changeOf } from '../comparison/changes.ts'
import type { DimensionName } from '../dimensions.ts'
import { drillOf } from '../drill-down/drill.ts'
import { type FactsAsOf, type FactsInProgress, requireFacts } from '../engagement/facts-as-of.ts'
import { hasEventIn } from '../query/coverage.ts'
import { findEntityNames } from '../query/entity-names.ts'
import type { QueryPort } from '../query/tenant-query.ts'
import { bucketStarts, bucketTimestamp, formatInstant } from '../time/buckets.ts'
import { sidesAt } from '../time/comparison-range.ts'
import type { TimeRange } from '../time/time-range.ts'
import { arrangeRows, hasValue, pageOf, type QueryRow, type RowPosition } from './arrange.ts'
import type { KeyValue } from '../filter/dimension-columns.ts'
import { type Groups, type MetricValues, valuesOfGroup } from './reading/groups.ts'
import { localTimeOf } from '../filter/local-time.ts'
import { QUERY_METRICS } from './metric-sources.ts'
import type { CustomQuery } from './query-request.ts'
import { readGroups } from './reading/read-groups.ts'
import { ENTITY_DIMENSIONS, type AnsweredRow, type QueryComparison } from './query-response.ts'

export interface QueryContext {
  readonly tenantId: string
  readonly facts: FactsAsOf | FactsInProgress
  /** The instant of the answer. */
  readonly asOf: number
  readonly page: { readonly after: RowPosition | undefined; readonly limit: number }
}

export interface QueryAnswer {
  readonly rows: readonly AnsweredRow[]
  readonly totals: MetricValues | null
  readonly rowCount: number
  /** The position after the last row of the page; undefined where no row follows. */
  readonly next: RowPosition | undefined
  readonly comparison?: QueryComparison
}

/** What is read of a range. */
interface Side {
  readonly groups: Groups
  readonly totals: MetricValues | null
}

/** Rejects with a StoreFailure, with TOO_MANY_GROUPS, or while the facts that it needs are being calculated. */
export async function runQuery(port: QueryPort, query: CustomQuery, context: QueryContext): Promise<QueryAnswer> {
  const { comparison, range, buckets, dimensions } = query
  const { tenantId, asOf } = context
  const sides = comparison && sidesAt(comparison, asOf)
  const olderBuckets = sides && query.granularity && bucketStarts(sides.older, query.granularity, query.zone)
  const hasLater =
    sides?.isPartial && (await hasEventIn(port, tenantId, { start: sides.current.end + 1, end: range.end }))
  const counted = hasLater ? sides.current : range
  const [current, older, isCovered] = await Promise.all([
    readSide(port, query, context, { range: counted, buckets, until: asOf }),
    sides &&
      readSide(port, query, context, { range: sides.older, buckets: olderBuckets, until: comparison.shift(asOf) }),
    sides && isCoveredFrom(port, tenantId, sides.older.start, asOf),
  ])
  const arrangement = { ...query, hasTime: buckets !== undefined }
  const rows = arrangeRows(rowsOf(query, current.groups), arrangement)
  const { page, next } = pageOf(rows, arrangement, context.page)
  const names = await namesOf(port, tenantId, dimensions, page)
  const previousOf = older && previousValues(query, older.groups, olderBuckets)
  return {
    rows: page.map((row) => ({
      keys: keysOfRow(query, row, names),
      values: row.values,
      ...(previousOf ? { previous: previousOf(row) } : {}),
      ...drillOfRow(query, counted, row),
    })),
    totals: current.totals,
    rowCount: rows.length,
    next,
    ...(sides && older
      ? { comparison: comparisonOf(query, sides, { asOf, isCovered: isCovered === true }, current, older) }
      : {}),
  }
}

/** The search behind the first metric of a row. */
function drillOfRow(
  { metrics, dimensions, filter, zone, buckets = [] }: CustomQuery,
  counted: TimeRange,
  { keys, bucket }: QueryRow,
): Pick<AnsweredRow, 'drill'> {
  const next = bucket === undefined ? undefined : buckets[buckets.indexOf(bucket) + 1]
  const range = {
    start: Math.max(counted.start, bucket ?? counted.start),
    end: Math.min(counted.end, (next ?? Infinity) - 1),
  }
  const named = Object.fromEntries(dimensions.map((dimension, index) => [dimension, keys[index]!]))
  const drill =
    range.start > range.end ? undefined : drillOf(metrics[0]!, { range, timezone: zone.name, filter, keys: named })
  return drill ? { drill } : {}
}

interface SideRequest {
  readonly range: TimeRange
  readonly buckets: readonly number[] | undefined
  /** Engagement counts events until this instant. */
  readonly until: number
}

async function readSide(
  port: QueryPort,
  { metrics, dimensions, filter, zone, totals }: CustomQuery,
  { tenantId, facts }: QueryContext,
  { range, buckets, until }: SideRequest,
): Promise<Side> {
  const shared = { tenantId, range, localTime: localTimeOf(range, zone), filter }
  const factsOf = () => ({ ...requireFacts({ facts }), until })
  const isWhole = dimensions.length === 0 && buckets === undefined
  const whole = { ...shared, dimensions: [], buckets: undefined }
  const [groups, total] = await Promise.all([
    readGroups(port, { ...shared, dimensions, buckets }, metrics, factsOf),
    totals && !isWhole ? readGroups(port, whole, metrics, factsOf) : undefined,
  ])
  const totalOf = (total ?? groups).find([], undefined)
  return { groups, totals: totals ? valuesOfGroup(totalOf, metrics) : null }
}

/** One row for each group that has a value, or for each bucket of a series. */
function rowsOf({ metrics, dimensions, buckets }: CustomQuery, groups: Groups): QueryRow[] {
  if (buckets && dimensions.length === 0)
    return buckets.map((bucket) => ({ keys: [], bucket, values: valuesOfGroup(groups.find([], bucket), metrics) }))
  return groups
    .all()
    .map((group) => ({ keys: group.keys, bucket: group.bucket, values: valuesOfGroup(group, metrics) }))
    .filter(hasValue)
}

/** The values of the same keys in the older range, at the same place of a series: null where that has no such bucket. */
function previousValues(
  { metrics, buckets }: CustomQuery,
  older: Groups,
  olderBuckets: readonly number[] | undefined,
): (row: QueryRow) => MetricValues | null {
  const partners = new Map(buckets?.map((bucket, index) => [bucket, olderBuckets?.[index]]))
  return ({ keys, bucket }) => {
    if (bucket === undefined) return valuesOfGroup(older.find(keys, undefined), metrics)
    const partner = partners.get(bucket)
    return partner === undefined ? null : valuesOfGroup(older.find(keys, partner), metrics)
  }
}

function comparisonOf(
  { metrics, comparison }: CustomQuery,
  { older: range, isPartial }: ReturnType<typeof sidesAt>,
  { asOf, isCovered }: { readonly asOf: number; readonly isCovered: boolean },
  current: Side,
  older: Side,
): QueryComparison {
  const change: Record<string, Change> = {}
  for (const name of metrics) {
    const [now, before] = [current.totals?.[name], older.totals?.[name]]
    if (typeof now === 'number' && typeof before === 'number')
      change[name] = changeOf(now, before, QUERY_METRICS[name].unit === 'percent')
  }
  return {
    timeRange: { start: formatInstant(range.start), end: formatInstant(range.end) },
    align: comparison!.align,
    partial: isPartial,
    ...(isPartial ? { elapsedUntil: formatInstant(asOf) } : {}),
    coverage: isCovered ? 'complete' : 'incomplete',
    ...(older.totals ? { totals: older.totals, change } : {}),
  }
}

type NamesByDimension = ReadonlyMap<DimensionName, (id: string) => string>

/** The names of the entities of a page. */
async function namesOf(
  port: QueryPort,
  tenantId: string,
  dimensions: readonly DimensionName[],
  page: readonly QueryRow[],
): Promise<NamesByDimension> {
  const entries = dimensions.map(async (dimension, index) => {
    const kind = ENTITY_DIMENSIONS.find((entity) => entity === dimension)
    const ids = new Set(page.flatMap(({ keys }) => (typeof keys[index] === 'string' ? [keys[index]] : [])))
    if (kind === undefined || ids.size === 0) return undefined
    return [dimension, await findEntityNames(port, tenantId, kind, [...ids])] as const
  })
  return new Map((await Promise.all(entries)).filter((entry) => entry !== undefined))
}

function keysOfRow(
  { dimensions, granularity, zone }: CustomQuery,
  { keys, bucket }: QueryRow,
  names: NamesByDimension,
): AnsweredRow['keys'] {
  const answered = dimensions.map((dimension, index) => {
    const value: KeyValue = keys[index]!
    const nameOf = names.get(dimension)
    return [dimension, nameOf && typeof value === 'string' ? { id: value, name: nameOf(value) } : value] as const
  })
  const timestamp = granularity && bucket !== undefined ? { timestamp: bucketTimestamp(bucket, granularity, zone) } : {}
  return { ...Object.fromEntries(answered), ...timestamp }
}
