/** Reads the series of rules: one read for all metrics of a tenant with the same filter, split, granularity and zone. */
import type { KeyValue } from '../../analytics/filter/dimension-columns.ts'
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { localTimeOf } from '../../analytics/filter/local-time.ts'
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { type Group, MAX_GROUPS, valuesOfGroup } from '../../analytics/custom-query/reading/groups.ts'
import { ratePartsOf } from '../../analytics/custom-query/reading/rate-parts.ts'
import { readGroups, sourcesOf } from '../../analytics/custom-query/reading/read-groups.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import type { FactsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { CHANNELS } from '../../base/channels.ts'
import { ApiFailure } from '../../base/errors.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { type Measurement, measureRate } from '../detectors/verdict.ts'
import { SeriesValues } from '../judging/series-values.ts'
import type { Timeline } from '../judging/timeline.ts'
import { metricKindOf } from '../rules/resolve-rule.ts'
import { RULE_LIMITS } from '../rules/rule-limits.ts'

export interface SeriesSource {
  readonly port: QueryPort
  /** The facts of messages, or a failure while they are being calculated. */
  readonly factsOf: () => FactsAsOf
}

export interface SeriesRequest {
  readonly tenantId: string
  readonly metrics: readonly QueryMetricName[]
  readonly filter: FilterTree | undefined
  readonly splitBy: DimensionName | undefined
  readonly zone: TimeZone
  readonly timeline: Timeline
  /** The buckets to read, ascending; the others stay empty. All of them without it. */
  readonly indexes?: readonly number[]
}

/** The value of `splitBy`; null for a missing value, and for the only series of a rule without it. */
export type SeriesKey = KeyValue

export class SeriesTable {
  readonly #metrics: readonly QueryMetricName[]
  readonly #byKey = new Map<SeriesKey, Map<QueryMetricName, SeriesValues>>()

  constructor(metrics: readonly QueryMetricName[]) {
    this.#metrics = metrics
  }

  get keys(): readonly SeriesKey[] {
    return [...this.#byKey.keys()]
  }

  /** Empty buckets where nothing was read for the key. */
  of(key: SeriesKey, metric: QueryMetricName): SeriesValues {
    return this.#byKey.get(key)?.get(metric) ?? new SeriesValues(metricKindOf(metric))
  }

  /** Adds the series of a key. */
  set(key: SeriesKey, series: ReadonlyMap<QueryMetricName, SeriesValues>): void {
    this.#byKey.set(key, new Map(series))
  }

  /** Throws TOO_MANY_GROUPS for more series than a rule may have. */
  add(key: SeriesKey, index: number, group: Group): void {
    let series = this.#byKey.get(key)
    if (!series) {
      if (this.#byKey.size >= RULE_LIMITS.series) throw tooManySeries()
      series = new Map(this.#metrics.map((name) => [name, new SeriesValues(metricKindOf(name))]))
      this.#byKey.set(key, series)
    }
    for (const [name, values] of series) values.set(index, measure(group, name))
  }
}

function tooManySeries(): ApiFailure {
  return new ApiFailure(
    'TOO_MANY_GROUPS',
    `splitBy gives more than ${RULE_LIMITS.series} series. Narrow the rule by a filter on that dimension.`,
  )
}

function measure(group: Group, name: QueryMetricName): Measurement {
  const parts = ratePartsOf(group, name)
  return parts ? measureRate(parts.part, parts.whole) : { value: valuesOfGroup(group, [name])[name] ?? null }
}

/** Rejects with a StoreFailure, with TOO_MANY_GROUPS, or while the facts that it needs are being calculated. */
export async function readSeries(source: SeriesSource, request: SeriesRequest): Promise<SeriesTable> {
  const { tenantId, metrics, filter, splitBy, zone, timeline } = request
  const { starts } = timeline
  const isInParts = request.indexes !== undefined && canReadParts(request)
  const indexes = isInParts ? request.indexes : starts.map((_, index) => index)
  const table = new SeriesTable(metrics)
  const indexOf = new Map(indexes.map((index) => [starts[index]!, index]))
  const bucketsPerRead = Math.floor(MAX_GROUPS / seriesOf(splitBy))
  for (let first = 0; first < indexes.length; first += bucketsPerRead) {
    const read = indexes.slice(first, first + bucketsPerRead)
    const range = timeline.rangeOf(read[0]!, read.at(-1)!)
    const parts = runsOf(read).map(([from, to]) => timeline.rangeOf(from, to))
    const groups = await readGroups(
      source.port,
      {
        tenantId,
        range,
        ...(isInParts ? { parts } : {}),
        localTime: localTimeOf(range, zone),
        dimensions: splitBy === undefined ? [] : [splitBy],
        buckets: read.map((index) => starts[index]!),
        filter,
      },
      metrics,
      source.factsOf,
    )
    for (const group of groups.all()) table.add(group.keys[0] ?? null, indexOf.get(group.bucket!)!, group)
  }
  return table
}

/** The most series that a read may find in a bucket. */
function seriesOf(splitBy: DimensionName | undefined): number {
  if (splitBy === undefined) return 1
  // One for messages without a channel.
  return splitBy === 'channel' ? CHANNELS.length + 1 : RULE_LIMITS.series
}

/** More parts would make a statement longer than the whole range takes. */
const MAX_PARTS = 40

/** Whether all that the metrics are read from can be limited to parts of a range. */
function canReadParts({ metrics, splitBy, filter, indexes = [] }: SeriesRequest): boolean {
  const dimensions = splitBy === undefined ? [] : [splitBy]
  const { actions, uniqueActions } = sourcesOf(metrics, { dimensions, filter })
  const hasMedian = metrics.some((name) => metricKindOf(name) === 'median')
  return actions.length === 0 && uniqueActions.length === 0 && !hasMedian && runsOf(indexes).length <= MAX_PARTS
}

/** Ascending numbers as runs of successive ones. */
function runsOf(numbers: readonly number[]): readonly (readonly [from: number, to: number])[] {
  const runs: [number, number][] = []
  for (const each of numbers) {
    const last = runs.at(-1)
    if (last && last[1] === each - 1) last[1] = each
    else runs.push([each, each])
  }
  return runs
}
