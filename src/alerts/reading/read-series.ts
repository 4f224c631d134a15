/** Reads the series of rules: one read for all metrics of a tenant with the same filter, split, granularity and zone. */
import type { KeyValue } from '../../analytics/filter/dimension-columns.ts'
import type { FilterTree } from '../../analytics/filter/filter-tree.ts'
import { localTimeOf } from '../../analytics/filter/local-time.ts'
import type { QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { type Group, MAX_GROUPS, valuesOfGroup } from '../../analytics/custom-query/reading/groups.ts'
import { ratePartsOf } from '../../analytics/custom-query/reading/rate-parts.ts'
import { readGroups } from '../../analytics/custom-query/reading/read-groups.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import type { FactsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
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
}

/** The value of `splitBy`; null for a missing value, and for the only series of a rule without it. */
export type SeriesKey = KeyValue

export class SeriesTable {
  readonly #metrics: readonly QueryMetricName[]
  readonly #buckets: number
  readonly #byKey = new Map<SeriesKey, Map<QueryMetricName, SeriesValues>>()

  constructor(metrics: readonly QueryMetricName[], buckets: number) {
    this.#metrics = metrics
    this.#buckets = buckets
  }

  get keys(): readonly SeriesKey[] {
    return [...this.#byKey.keys()]
  }

  /** Empty buckets where nothing was read for the key. */
  of(key: SeriesKey, metric: QueryMetricName): SeriesValues {
    return this.#byKey.get(key)?.get(metric) ?? new SeriesValues(metricKindOf(metric), this.#buckets)
  }

  /** Throws TOO_MANY_GROUPS for more series than a rule may have. */
  add(key: SeriesKey, index: number, group: Group): void {
    let series = this.#byKey.get(key)
    if (!series) {
      if (this.#byKey.size >= RULE_LIMITS.series) throw tooManySeries()
      series = new Map(this.#metrics.map((name) => [name, new SeriesValues(metricKindOf(name), this.#buckets)]))
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
  const count = timeline.starts.length
  const table = new SeriesTable(metrics, count)
  const indexOf = new Map(timeline.starts.map((start, index) => [start, index]))
  const bucketsPerRead = splitBy === undefined ? MAX_GROUPS : MAX_GROUPS / RULE_LIMITS.series
  for (let from = 0; from < count; from += bucketsPerRead) {
    const to = Math.min(from + bucketsPerRead, count) - 1
    const range = timeline.rangeOf(from, to)
    const groups = await readGroups(
      source.port,
      {
        tenantId,
        range,
        localTime: localTimeOf(range, zone),
        dimensions: splitBy === undefined ? [] : [splitBy],
        buckets: timeline.starts.slice(from, to + 1),
        filter,
      },
      metrics,
      source.factsOf,
    )
    for (const group of groups.all()) table.add(group.keys[0] ?? null, indexOf.get(group.bucket!)!, group)
  }
  return table
}
