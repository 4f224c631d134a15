import { type TObject, type TProperties, TypeGuard } from '@sinclair/typebox'

/** Texts are ids, names, channels, days and instants; all else is a number. */
export type Cell = string | number

/** A part of a dashboard as rows of equal width. */
export interface Table {
  readonly name: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** The schema of a dashboard's data. */
interface DataSchema<Data extends TProperties> {
  readonly properties: Data
}

type Item = Readonly<Record<string, Cell>>

/** The names of a dashboard's tables, in the order of its answer. */
export function tableNames<Data extends TProperties>({ properties }: DataSchema<Data>): (keyof Data & string)[] {
  return Object.keys(properties)
}

/**
 * One table out of a dashboard's data. Its columns come from the schema, so that they stand there without a row too: a list is a row an item, totals are one row, and what
 * is held by a key (`byChannel`) has it in the first column (`channel`).
 */
export function tableOf(
  { properties }: DataSchema<TProperties>,
  data: Readonly<Record<string, unknown>>,
  name: string,
): Table {
  const part: unknown = properties[name]
  if (TypeGuard.IsArray(part) && TypeGuard.IsObject(part.items))
    return rowsOf(name, Object.keys(part.items.properties), data[name] as readonly Item[])
  if (TypeGuard.IsRecord(part)) {
    const key = name.replace(/^by/, '').toLowerCase()
    const [item] = Object.values(part.patternProperties)
    const entries = Object.entries(data[name] as Readonly<Record<string, Item>>)
    return rowsOf(
      name,
      [key, ...Object.keys((item as TObject).properties)],
      entries.map(([value, counts]) => ({ [key]: value, ...counts })),
    )
  }
  if (TypeGuard.IsObject(part)) return rowsOf(name, Object.keys(part.properties), [data[name] as Item])
  throw new Error(`${name} is no table.`)
}

function rowsOf(name: string, columns: readonly string[], items: readonly Item[]): Table {
  return { name, columns, rows: items.map((item) => columns.map((column) => item[column]!)) }
}
