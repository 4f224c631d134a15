/** The schema of a dashboard's response with a comparison, derived from the schema of its data. */
import { type Static, type TObject, type TProperties, type TSchema, Type, TypeGuard } from '@sinclair/typebox'
import { choice, instant, object } from '../schemas.ts'
import { ALIGNMENTS, type Alignment } from '../time/comparison-range.ts'
import type { EngagementValues } from '../engagement/engagement-metrics.ts'
import type { Drill } from '../drill-down/drill.ts'
import type { Change } from './changes.ts'
import { totalsOf } from './compared-totals.ts'
import { type DataSchema, itemSchemaOf, type Pairing, pairingOf } from './paired-lists.ts'

/** The comparison of a dashboard's data with that of an older range. */
export interface ComparisonData<Summary> {
  readonly timeRange: { readonly start: string; readonly end: string }
  readonly align: Alignment
  readonly partial: boolean
  readonly elapsedUntil?: string
  readonly coverage: 'complete' | 'incomplete'
  readonly summary?: Summary
  /** As of the instant that is as far behind the older range as the response is behind the range. */
  readonly engagement?: EngagementValues
  readonly change: Readonly<Record<string, Change>>
}

type SummaryOf<Data extends TProperties> = Data extends { readonly summary: infer Summary extends TSchema }
  ? Static<Summary>
  : never

type WithPrevious<List> = List extends readonly (infer Item extends object)[]
  ? (Item & { readonly previous?: Item | null; readonly drill?: Drill })[]
  : string extends keyof List
    ? { [Key in keyof List]: List[Key] & { readonly drill?: Drill } }
    : List

/** The data of a response: lists have items of the older range, and what counts messages has the search of these. */
export type ComparedData<Data extends TProperties> = {
  [Name in keyof Static<TObject<Data>>]: WithPrevious<Static<TObject<Data>>[Name]>
} & { readonly comparison?: ComparisonData<SummaryOf<Data>> }

const PREVIOUS_DESCRIPTIONS: Readonly<Record<Pairing, string>> = {
  place: 'The item at the same place of the older range; null where that has fewer. Only with `compare`.',
  key: 'The same item of the older range; null where that lacks it. Only with `compare`.',
  oneEntity:
    'The same item of the older range; null where that lacks it. Only with `compare`, and with the id of the item as a filter.',
}

/** Which older range was compared, and how. */
export const COMPARED_RANGE = {
  timeRange: object(
    { start: instant('First instant of the older range'), end: instant('Last instant of the older range') },
    'The older range, as far as it is compared.',
    'ComparedRange',
  ),
  align: choice(ALIGNMENTS, 'What the two ranges have in common: their weekdays or their dates.'),
  partial: Type.Boolean({
    description: 'Whether the range had not ended, so that both ranges count until the same local time only.',
  }),
  elapsedUntil: Type.Optional(instant('Until when a partial range counts')),
  coverage: choice(
    ['complete', 'incomplete'],
    'Whether there are events from the start of the older range on. `incomplete`: it begins before the first event of the tenant or before the retention, so that its numbers are too small to compare.',
  ),
}

/** The change of one number. */
export const CHANGE = object(
  {
    absolute: Type.Number({ description: 'The number minus the older one; the difference in points for a rate' }),
    percent: nullable(
      Type.Number({
        description:
          'The difference in percent of the older number, rounded to 2 decimals; null for a rate and where the older number is 0',
      }),
    ),
  },
  'The change of one number.',
  'Change',
)

/** The properties of a response. `ComparedData` is the type of their values: inferred from them, it would be too deep for the compiler of Deno. */
export function comparedProperties(data: DataSchema): Record<string, TSchema> {
  const lists = Object.entries(data.properties).map(([name, schema]) => [name, withPrevious(schema)] as const)
  return { ...Object.fromEntries(lists), comparison: Type.Optional(comparisonSchema(data)) }
}

/** A list whose items have their older ones; anything else stays as it is. */
function withPrevious(schema: TSchema): TSchema {
  const item = itemSchemaOf(schema)
  const pairing = pairingOf(schema)
  if (!item || pairing === undefined) return schema
  const { title = '', description = '' } = item
  const older = object(item.properties, PREVIOUS_DESCRIPTIONS[pairing], `Previous${title}`)
  const previous = Type.Optional(nullable(older))
  return { ...schema, items: object({ ...item.properties, previous }, description, title) }
}

function comparisonSchema(data: DataSchema): TSchema {
  const { title = '' } = data
  const totals = totalsOf(data)
  const changes = Object.values(totals).flatMap(({ properties }) =>
    Object.entries(properties).map(
      // A median may be missing on one side.
      ([name, schema]) => [name, TypeGuard.IsUnion(schema) ? Type.Optional(CHANGE) : CHANGE] as const,
    ),
  )
  return object(
    {
      ...COMPARED_RANGE,
      ...Object.fromEntries(Object.entries(totals).map(([name, schema]) => [name, Type.Optional(schema)])),
      change: object(
        Object.fromEntries(changes),
        'The change of each number of the totals, by its name. A number that is null on either side has none.',
        `${title}Changes`,
      ),
    },
    'The comparison with an older range. Only with `compare`.',
    `${title}Comparison`,
  )
}

/** A value, with its description, or null. */
function nullable(schema: TSchema): TSchema {
  return Type.Union([schema, Type.Null()])
}
