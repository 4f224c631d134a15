/** The totals of a dashboard, which are compared number by number. */
import type { TObject } from '@sinclair/typebox'
import type { DataSchema } from './paired-lists.ts'

const COMPARED_TOTALS = ['summary', 'engagement'] as const

export type TotalsSchemas = { readonly [Name in (typeof COMPARED_TOTALS)[number]]?: TObject }

/** The schemas of a dashboard's totals, by the names of their properties. */
export function totalsOf({ properties }: DataSchema): TotalsSchemas {
  const present = COMPARED_TOTALS.filter((name) => name in properties)
  return Object.fromEntries(present.map((name) => [name, properties[name] as TObject]))
}
