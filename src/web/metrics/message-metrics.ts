/** The lines, columns and notes that several views share, made from the metric registry. */
import { CORE_MESSAGE_METRICS } from '../../analytics/message-counts.ts'
import { type CountName, type MetricName, type RateName, RATES } from '../../analytics/metrics.ts'
import type { Line } from '../charts/series.ts'
import type { Column } from '../components/table/column.ts'
import { messages } from '../messages/messages.ts'

/** A line of a chart whose points have the metric under its own name. */
export function metricLine<Name extends CountName>(name: Name): Line<Readonly<Record<Name, number>>> {
  return { id: name, label: messages().metrics[name].label, colour: name, value: (point) => point[name] }
}

export const eventLines = () => CORE_MESSAGE_METRICS.map(metricLine)

/** A column whose rows have the metric under its own name. A rate of rows that have its denominator is no data where that is 0. */
export function metricColumn<Name extends MetricName>(
  name: Name,
  total?: number | null,
): Column<Readonly<Record<Name, number>>> {
  const denominator = isRate(name) ? RATES[name].denominator : undefined
  const isOfNothing = (row: Readonly<Partial<Record<MetricName, number>>>) =>
    denominator !== undefined && row[denominator] === 0
  return { ...columnTexts(name), id: name, value: (row) => (isOfNothing(row) ? null : row[name]), total }
}

/** The metrics of events that tables of messages have too. */
export const EVENT_COLUMNS = [...CORE_MESSAGE_METRICS, 'openRate', 'clickRate'] as const

/** A column of events in a table of messages: it is shown when the user chooses it. */
export function eventColumn<Name extends MetricName>(
  name: Name,
  total?: number | null,
): Column<Readonly<Record<Name, number>>> {
  return { ...metricColumn(name, total), ...eventColumnTexts(name) }
}

/** The same of a column whose rows have the metric under another name. */
export function eventColumnTexts(name: MetricName) {
  const texts = columnTexts(name)
  return { ...texts, label: messages().engagement.asEvents(texts.label), isOptional: true } as const
}

/** A rate, or null where it is divided by 0: a rate of nothing is not a rate of 0. */
export function rateOrNoData(value: number, base: number): number | null {
  return base === 0 ? null : value
}

function isRate(name: MetricName): name is RateName {
  return name in RATES
}

/** The label, description and kind of a column of a metric, for rows that have it under another name. */
export function columnTexts(name: MetricName) {
  const { label, definition } = messages().metrics[name]
  return { label, description: definition, kind: isRate(name) ? 'rate' : 'count' } as const
}

/** The formulas of rates, as "Open rate = opens ÷ deliveries in the range." */
export function formulas(...names: readonly RateName[]): string {
  const { metrics, metricNotes } = messages()
  return `${names.map((name) => metricNotes.formula(metrics[name].label, metrics[name].definition)).join(', ')}.`
}
