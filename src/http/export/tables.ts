import type { ComparisonData } from '../../analytics/comparison/comparison-schema.ts'
import type { Column } from './columns.ts'

/** Ids, names, channels, days and instants are texts; everything else is a number. Null stands for a missing value. */
export type Cell = string | number | null

/** A table of a dashboard without its rows: plain data, which can be sent to a worker. */
export interface TableShape {
  readonly name: string
  readonly columns: readonly Column[]
  /** The form of the rows in the data: a list, a record by the value of the first column, one object, which is the only row, or a comparison, with a row for each number. */
  readonly rowLayout: 'list' | 'record' | 'object' | 'comparison'
}

/** A part of a dashboard as rows of equal width. */
export interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly rows: Iterable<readonly Cell[]>
}

/** A table whose rows are read while it is written, some at a time. */
export interface StreamedTable extends Omit<Table, 'rows'> {
  readonly batches: AsyncIterable<Iterable<readonly Cell[]>>
}

/** A value of an item: a cell, or an object whose values have columns of their own. */
type Value = Cell | boolean | Readonly<Record<string, Cell>>
type Item = Readonly<Record<string, Value>>
type PairedItem = Item & { readonly previous?: Item | null }
type Totals = Readonly<Record<string, Cell>>

/** The part of the data that compares it. */
interface ComparedData {
  readonly summary?: Totals
  readonly engagement?: Totals
  readonly comparison: Pick<ComparisonData<Totals>, 'summary' | 'engagement' | 'change'>
}

/** A table with its rows, which are made one by one while they are read. */
export function tableOf(
  { name, columns, rowLayout: rowsIn }: TableShape,
  data: Readonly<Record<string, unknown>>,
): Table {
  return {
    name,
    columns,
    rows: {
      [Symbol.iterator]: () =>
        rowsIn === 'comparison' ? comparisonRows(data as unknown as ComparedData) : rowsOf(columns, rowsIn, data[name]),
    },
  }
}

function* rowsOf(
  columns: readonly Column[],
  rowsIn: Exclude<TableShape['rowLayout'], 'comparison'>,
  part: unknown,
): Generator<readonly Cell[]> {
  const valuesOf = ({ previous, ...item }: PairedItem) =>
    columns.map(({ key, path, previousField }) =>
      previousField === undefined
        ? cellOf(item, path ?? [key])
        : previous
          ? cellOf(previous, path ?? [previousField])
          : null,
    )
  if (rowsIn === 'list') for (const item of part as readonly Item[]) yield valuesOf(item)
  else if (rowsIn === 'object') yield valuesOf(part as Item)
  else
    for (const [value, item] of Object.entries(part as Record<string, Item>))
      yield valuesOf({ [columns[0]!.key]: value, ...item })
}

/** The value at a path of an item. */
function cellOf(item: Item, [key, nestedKey]: readonly string[]): Cell {
  const value = item[key!]!
  const nested = typeof value === 'object' && value !== null ? value[nestedKey!]! : value
  return typeof nested === 'boolean' ? String(nested) : nested
}

/** A row for each number of the totals: its name, its value, the older one, and the change. */
function* comparisonRows({ summary, engagement, comparison }: ComparedData): Generator<readonly Cell[]> {
  const current = { ...summary, ...engagement }
  const older: Totals = { ...comparison.summary, ...comparison.engagement }
  for (const [name, { absolute, percent }] of Object.entries(comparison.change))
    yield [name, current[name]!, older[name]!, absolute, percent]
}
