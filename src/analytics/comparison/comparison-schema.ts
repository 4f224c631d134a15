/** The schema of a dashboard's response with a comparison, derived from the schema of its data. */
import {
  type Static,
  type TArray,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnsafe,
  Type,
} from '@sinclair/typebox'
import { choice, instant, object } from '../schemas.ts'
import { ALIGNMENTS, type Alignment } from '../time/comparison-range.ts'
import type { Change } from './changes.ts'
import { type DataSchema, itemSchemaOf, type Pairing, pairingOf } from './paired-lists.ts'

/** The comparison of a dashboard's data with that of an older range. */
export interface ComparisonData<Summary> {
  readonly timeRange: { readonly start: string; readonly end: string }
  readonly align: Alignment
  readonly partial: boolean
  readonly elapsedUntil?: string
  readonly coverage: 'complete' | 'incomplete'
  readonly summary?: Summary
  readonly change: Readonly<Record<string, Change>>
}

type SummaryOf<Data extends TProperties> = Data extends { readonly summary: infer Summary extends TSchema }
  ? Static<Summary>
  : never

type Paired<Schema extends TSchema> =
  Schema extends TArray<TObject<infer Item>>
    ? TArray<TObject<Item & { previous: TOptional<TUnsafe<Static<TObject<Item>> | null>> }>>
    : Schema

/** The properties of a response: those of the data, whose lists have items of the older range, and the comparison. */
export type ComparedProperties<Data extends TProperties> = { [Name in keyof Data]: Paired<Data[Name] & TSchema> } & {
  comparison: TOptional<TUnsafe<ComparisonData<SummaryOf<Data>>>>
}

const PREVIOUS_DESCRIPTIONS: Readonly<Record<Pairing, string>> = {
  place: 'The item at the same place of the older range; null where that has fewer. Only with `compare`.',
  key: 'The same item of the older range; null where that lacks it. Only with `compare`.',
  oneEntity:
    'The same item of the older range; null where that lacks it. Only with `compare`, and with the id of the item as a filter.',
}

const CHANGE = object(
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

export function comparedProperties<Data extends TProperties>(data: TObject<Data>): ComparedProperties<Data> {
  const lists = Object.entries(data.properties).map(([name, schema]) => [name, withPrevious(schema)])
  const comparison = Type.Optional(comparisonSchema(data))
  const properties: unknown = { ...Object.fromEntries(lists), comparison }
  return properties as ComparedProperties<Data>
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

function comparisonSchema({ properties, title = '' }: DataSchema): TSchema {
  const { summary } = properties
  const numbers = summary ? Object.keys((summary as TObject).properties) : []
  return object(
    {
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
      ...(summary ? { summary: Type.Optional(summary) } : {}),
      change: object(
        Object.fromEntries(numbers.map((name) => [name, CHANGE])),
        'The change of each number of the summary, by its name.',
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
