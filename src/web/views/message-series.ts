/** The lines, columns and notes that the views of messages share, made from the metric registry. */
import { CORE_MESSAGE_METRICS } from '../../analytics/message-counts.ts'
import { COUNTS, type MessageMetric, type RateName, RATES } from '../../analytics/metrics.ts'

/** A line of a chart. The colour of a metric is the same in all charts. */
export const messageLine = <Name extends MessageMetric>(name: Name) => ({
  label: COUNTS[name].label,
  colour: name,
  value: (point: Readonly<Record<Name, number>>) => point[name],
})

export const ENGAGEMENT_LINES = CORE_MESSAGE_METRICS.map(messageLine)

/** A column of counts. */
export const messageColumn = <Name extends MessageMetric>(name: Name) => ({
  label: COUNTS[name].label,
  kind: 'count' as const,
  value: (row: Readonly<Record<Name, number>>) => row[name],
})

/** The columns of every table of messages, besides the column of `sent`. */
export const OUTCOME_COLUMNS = CORE_MESSAGE_METRICS.filter((name) => name !== 'sent').map(messageColumn)

/** A column of rates. */
export const rateColumn = <Name extends RateName>(name: Name) => ({
  label: RATES[name].label,
  kind: 'rate' as const,
  value: (row: Readonly<Record<Name, number>>) => row[name],
})

/** The note beside rates of opens and clicks. */
export const RATE_NOTE = `${formulas('openRate', 'clickRate')}. Each open and click counts, so they can exceed 100 %.`

/** "Open rate = opens ÷ deliveries in the range, click rate = …" */
export function formulas(...names: readonly RateName[]): string {
  const text = names
    .map((name) => `${lowerFirst(RATES[name].label)} = ${lowerFirst(RATES[name].definition)}`)
    .join(', ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** The start of a point's bucket, epoch milliseconds. */
export function bucketStartOf({ timestamp }: { readonly timestamp: string }): number {
  return Date.parse(timestamp)
}

/** The share of a row's value in the largest value. */
export function shareOfLargest<Row>(value: (row: Row) => number): (row: Row, rows: readonly Row[]) => number {
  return (row, rows) => value(row) / Math.max(1, ...rows.map(value))
}
