import { type TInteger, type TNumber, Type } from '@sinclair/typebox'
import { type CountsOf, type MetricName, METRICS, type RateName, RATES } from './metrics.ts'
import { rate } from './rates.ts'
import { count } from './schemas.ts'

/** The fields of a response that show metrics, each by the metric's name. */
type FieldMetrics = Readonly<Record<string, MetricName>>

type FieldSchemas<Fields extends FieldMetrics> = {
  [Field in keyof Fields]: Fields[Field] extends RateName ? TNumber : TInteger
}

/** Fields of a response that show metrics, in the order in which they are written. */
export interface MetricFields<Fields extends FieldMetrics> {
  readonly schemas: FieldSchemas<Fields>
  /** The values of the fields. Rates are calculated from their counts. */
  values(counts: Readonly<Record<CountsOf<Fields[keyof Fields]>, number>>): { [Field in keyof Fields]: number }
}

/** Fields that are called like their metrics. */
export function metricFields<const Names extends readonly MetricName[]>(
  ...names: Names
): MetricFields<{ readonly [Name in Names[number]]: Name }> {
  const fields: unknown = Object.fromEntries(names.map((name) => [name, name]))
  return namedMetricFields(fields as { readonly [Name in Names[number]]: Name })
}

/** Fields with names of their own. */
export function namedMetricFields<const Fields extends FieldMetrics>(fields: Fields): MetricFields<Fields> {
  const entries = Object.entries(fields)
  const schemas: unknown = Object.fromEntries(entries.map(([field, name]) => [field, metricSchema(name)]))
  // Copied and overwritten: engines are slow at adding properties by name, and a series has thousands of items.
  const zeros = Object.fromEntries(entries.map(([field]) => [field, 0])) as { [Field in keyof Fields]: number }
  const fieldsOfCounts = entries.filter(([, name]) => !isRate(name))
  const fieldsOfRates = entries.flatMap(([field, name]) => (isRate(name) ? [{ field, ...RATES[name] }] : []))
  return {
    schemas: schemas as FieldSchemas<Fields>,
    values(counts) {
      const values: Record<keyof Fields, number> = { ...zeros }
      const valueOf: Readonly<Record<string, number>> = counts
      for (const [field, name] of fieldsOfCounts) values[field as keyof Fields] = valueOf[name]!
      for (const { field, numerator, denominator } of fieldsOfRates)
        values[field as keyof Fields] = rate(valueOf[numerator]!, valueOf[denominator]!)
      return values
    },
  }
}

/** The schema of a metric's value. A rate has the keyword `unit`, which is not part of the published document. */
function metricSchema(name: MetricName) {
  const metric = METRICS[name]
  if (metric.kind !== 'rate') return count(metric.definition)
  const note = metric.note === undefined ? '' : ` ${metric.note}`
  return Type.Number({
    minimum: 0,
    description: `${metric.definition}, in percent, rounded to 2 decimals; 0 when there is nothing to divide by.${note}`,
    unit: metric.unit,
  })
}

function isRate(name: MetricName): name is RateName {
  return Object.hasOwn(RATES, name)
}
