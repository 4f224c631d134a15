/**
 * The lists of a dashboard whose items are compared with those of an older range, derived from the schema of its data. The first property of an item is its key.
 */
import { type TObject, type TProperties, type TSchema, TypeGuard } from '@sinclair/typebox'
import { DIMENSIONS, FILTER_DIMENSIONS } from '../dimensions.ts'

/**
 * Which item of the older range an item is paired with: the one at the same place of a time series, otherwise the one with the same key. A list of top items does not hold
 * all of them, so that the older one may be missing in it; `oneEntity` is such a list, which is paired in a request that names its only entity.
 */
export type Pairing = 'place' | 'key' | 'oneEntity'

const ENTITY_PARAMETERS: readonly string[] = FILTER_DIMENSIONS.filter((name) => name !== 'channel').map(
  (name) => DIMENSIONS[name].parameter,
)

/** The schema of a dashboard's data, of any types. */
export interface DataSchema {
  readonly properties: TProperties
  readonly title?: string
}

/** The pairing of the list with this schema; undefined for what is no list of items. */
export function pairingOf(schema: TSchema | undefined): Pairing | undefined {
  const item = itemSchemaOf(schema)
  if (!item) return undefined
  const key = keyOf(item)
  if (key === 'date' || item.properties[key]!['format'] === 'date-time') return 'place'
  return ENTITY_PARAMETERS.includes(key) ? 'oneEntity' : 'key'
}

/** The schema of a list's items. */
export function itemSchemaOf(schema: TSchema | undefined): TObject | undefined {
  return TypeGuard.IsArray(schema) && TypeGuard.IsObject(schema.items) ? schema.items : undefined
}

/** The name of the property that identifies an item of its list. */
export function keyOf({ properties }: TObject): string {
  return Object.keys(properties)[0]!
}

/** The lists of a dashboard that are paired in a request with these parameters, by name. */
export function pairedListsOf({ properties }: DataSchema, parameters: object): ReadonlyMap<string, Pairing> {
  const namesEntity = ENTITY_PARAMETERS.some(
    (name) => (parameters as Readonly<Record<string, unknown>>)[name] !== undefined,
  )
  return new Map(
    Object.entries(properties).flatMap(([name, schema]) => {
      const pairing = pairingOf(schema)
      return pairing === undefined || (pairing === 'oneEntity' && !namesEntity) ? [] : [[name, pairing] as const]
    }),
  )
}
