/**
 * The series of rules that only look at channels, from one read of a tenant's metrics by channel: all rules of a tenant on events, and all on messages, with the same granularity
 * and zone share it, whether they judge everything, some channels together, or each channel on its own. Only metrics that add up over channels can be shared.
 */
import { QUERY_METRICS, type QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import { COUNTS, type CountName, RATES, type RateName } from '../../analytics/metrics.ts'
import { dimensionsOfFilter, type FilterTree } from '../../analytics/filter/filter-tree.ts'
import { SeriesValues } from '../judging/series-values.ts'
import { metricKindOf } from '../rules/resolve-rule.ts'
import type { AlertRule } from '../rules/resolve-rule.ts'
import { type SeriesKey, SeriesTable } from './read-series.ts'

/** Whether the values of a rule follow from those of each channel. */
export function isOfChannels(rule: Pick<AlertRule, 'metric' | 'splitBy' | 'filter'>): boolean {
  const dimensions = [...(rule.splitBy === undefined ? [] : [rule.splitBy]), ...dimensionsOfFilter(rule.filter)]
  return dimensions.every((name) => name === 'channel') && isAdditive(rule.metric)
}

/** Whether the metric, or what it divides, is a sum over events or messages. */
function isAdditive(name: QueryMetricName): boolean {
  const { kind, unit } = QUERY_METRICS[name]
  if (kind === 'engagement') return unit !== 'seconds'
  if (kind !== 'rate') return kind === 'events'
  const { numerator, denominator } = RATES[name as RateName]
  return [numerator, denominator].every((count: CountName) => COUNTS[count].kind === 'events')
}

/** The series of a rule, from a table by channel. */
export function seriesOfChannels(
  table: SeriesTable,
  { metric, splitBy, filter }: Pick<AlertRule, 'metric' | 'splitBy' | 'filter'>,
): SeriesTable {
  const result = new SeriesTable([metric])
  const keys = table.keys.filter((channel) => filter === undefined || passes(filter, channel))
  if (splitBy !== undefined) {
    for (const key of keys) result.set(key, new Map([[metric, table.of(key, metric)]]))
    return result
  }
  const sum = new SeriesValues(metricKindOf(metric))
  for (const key of keys) sum.add(table.of(key, metric))
  result.set(null, new Map([[metric, sum]]))
  return result
}

/** Whether messages of a channel pass a filter that has no other dimension, by the rules of `treeSql`. */
function passes(tree: FilterTree, channel: SeriesKey): boolean {
  if ('and' in tree) return tree.and.every((part) => passes(part, channel))
  if ('or' in tree) return tree.or.some((part) => passes(part, channel))
  if ('not' in tree) return !passes(tree.not, channel)
  const { operator, values = [] } = tree
  if (operator === 'exists') return channel !== null
  const isListed = channel !== null && values.map(String).includes(String(channel))
  return operator === 'in' ? isListed : !isListed
}
