import type { DimensionName } from '../../analytics/dimensions.ts'
import type { ShownAlert } from '../../http/alerts/alert-data.ts'
import { valueText } from '../filters/filter-text.ts'
import { alertTexts } from './texts/alert-texts.ts'

type Series = ShownAlert['states'][number]['series']

/** The value of the dimension that a series stands for. */
export function seriesName(series: Series): string {
  const { everything, noValue } = alertTexts().detail
  const values: Readonly<Record<string, string | number | null>> = series ?? {}
  const [entry] = Object.entries(values)
  if (!entry) return everything
  const [dimension, value] = entry
  return value === null || value === '' ? noValue : valueText(dimension as DimensionName, String(value))
}
