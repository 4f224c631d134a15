import type { Column } from './columns.ts'

/** Ids, names, channels, days and instants are texts; everything else is a number. */
export type Cell = string | number

/** A table of a dashboard without its rows: plain data, which can be sent to a worker. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly Column[]
  /** The form of the rows in the data: a list, a record by the value of the first column, or one object, which is the only row. */
  readonly rowLayout: 'list' | 'record' | 'object'
}

/** A part of a dashboard as rows of equal width. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: Iterable<readonly Cell[]>
}

type Item = Readonly<Record<string, Cell>>

/** A table with its rows, which are made one by one while they are read. */
export function tableOf(
  { name, columns, rowLayout: rowsIn }: TableShape,
  data: Readonly<Record<string, unknown>>,
): Table {
  return { name, columns, rows: { [Symbol.iterator]: () => rowsOf(columns, rowsIn, data[name]) } }
}

function* rowsOf(
  columns: readonly Column[],
  rowsIn: TableShape['rowLayout'],
  part: unknown,
): Generator<readonly Cell[]> {
  const valuesOf = (item: Item) => columns.map(({ key }) => item[key]!)
  if (rowsIn === 'list') for (const item of part as readonly Item[]) yield valuesOf(item)
  else if (rowsIn === 'object') yield valuesOf(part as Item)
  else
    for (const [value, item] of Object.entries(part as Record<string, Item>))
      yield valuesOf({ [columns[0]!.key]: value, ...item })
}
