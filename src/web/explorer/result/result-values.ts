/** The numbers and keys of a result in the words of the page. */
import type { QueryMetricName } from '../../../analytics/custom-query/metric-sources.ts'
import type { AnsweredRow } from '../../../analytics/custom-query/query-response.ts'
import type { DimensionName } from '../../../analytics/dimensions.ts'
import { valueText } from '../../filters/filter-text.ts'
import { formatDuration } from '../../format/durations.ts'
import { formatCount, formatRate } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { metricOf, type QuerySchema, type SchemaMetric } from '../query-schema.ts'
import { explorerTexts } from '../texts/explorer-texts.ts'

/** How the numbers of a unit are written. */
export function formatterOf({ unit }: Pick<SchemaMetric, 'unit'>): (value: number) => string {
  if (unit === 'percent') return formatRate
  return unit === 'seconds' ? formatDuration : formatCount
}

/** The name of a metric; of several with the same name, each with its unit. */
export function metricTitle(schema: QuerySchema, name: QueryMetricName, names: readonly QueryMetricName[]): string {
  const { metrics } = messages()
  const { label } = metrics[name]
  if (names.every((other) => other === name || metrics[other].label !== label)) return label
  const { kind, unit } = metricOf(schema, name)
  const { units } = explorerTexts()
  const counted = kind === 'events' && unit === 'messages' ? 'events' : unit
  return `${label} (${units[counted as keyof typeof units] ?? unit})`
}

/** The value of a dimension in a row. */
export function keyText(dimension: DimensionName, row: AnsweredRow): string {
  const key = row.keys[dimension]
  if (key === null || key === undefined) return explorerTexts().noValue
  return typeof key === 'object' ? key.name : valueText(dimension, String(key))
}

/** The start of the bucket of a row over time. */
export function timestampOf({ keys: { timestamp } }: AnsweredRow): string {
  return typeof timestamp === 'string' ? timestamp : ''
}

/** Identifies a row among updates. */
export function rowKey({ keys }: AnsweredRow): string {
  const ids = Object.values(keys).map((key) => (typeof key === 'object' && key !== null ? key.id : key))
  return ids.length === 1 ? String(ids[0]) : JSON.stringify(ids)
}

/** The values of all dimensions of a row. */
export function rowName(dimensions: readonly DimensionName[], row: AnsweredRow): string {
  return dimensions.map((dimension) => keyText(dimension, row)).join(' · ')
}
