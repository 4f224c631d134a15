import { type TObject, type TProperties, TypeGuard } from '@sinclair/typebox'
import { type Pairing, pairedListsOf } from '../../analytics/comparison/paired-lists.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { type Column, columnsOf, headingOf, previousColumnsOf, textColumn } from './columns.ts'
import type { TableShape } from './tables.ts'

/** The schema of a dashboard's data. */
interface DataSchema<Data extends TProperties> {
  readonly properties: Data
}

/** The names of a dashboard's tables, in the order of its response. */
export function tableNames<Data extends TProperties>({ properties }: DataSchema<Data>): (keyof Data & string)[] {
  return Object.keys(properties)
}

/** The table of the changes, which a comparison adds to those of a dashboard. */
export const COMPARISON_TABLE = 'comparison'

const COMPARISON_SHAPE: TableShape = {
  name: COMPARISON_TABLE,
  columns: [
    textColumn('number'),
    ...['current', 'previous', 'absolute'].map((key): Column => ({ key, heading: headingOf(key), kind: 'number' })),
    { key: 'percent', heading: 'Percent', kind: 'percentage' },
  ],
  rowLayout: 'comparison',
}

interface ShapesRequest {
  readonly granularity: Granularity
  /** The other parameters of the query. */
  readonly filters: object
  readonly isCompared: boolean
}

/** The tables of a dashboard's file by name: those of its data, and with a comparison the changes of its numbers. */
export function tableShapesOf(
  data: DataSchema<TProperties>,
  { granularity, filters, isCompared }: ShapesRequest,
): Map<string, TableShape> {
  const lists = isCompared ? pairedListsOf(data, filters) : undefined
  const shapes = tableNames(data).map((name) => tableShapeOf(data, name, granularity, lists?.get(name)))
  return new Map([...shapes, ...(isCompared ? [COMPARISON_SHAPE] : [])].map((shape) => [shape.name, shape]))
}

/**
 * One table of a dashboard. Its columns come from the schema, so that a table without rows has them too. A list has a row for each item, totals are one row, and a record
 * (`byChannel`) has its key in the first column (`channel`). A list that is paired with an older one has the older numbers in further columns.
 */
function tableShapeOf(
  { properties }: DataSchema<TProperties>,
  name: string,
  granularity: Granularity,
  pairing: Pairing | undefined,
): TableShape {
  const part: unknown = properties[name]
  if (TypeGuard.IsArray(part) && TypeGuard.IsObject(part.items))
    return {
      name,
      columns: [
        ...columnsOf(part.items, granularity),
        ...(pairing ? previousColumnsOf(part.items, pairing, granularity) : []),
      ],
      rowLayout: 'list',
    }
  if (TypeGuard.IsRecord(part)) {
    const [item] = Object.values(part.patternProperties)
    const key = textColumn(name.replace(/^by/, '').toLowerCase())
    return { name, columns: [key, ...columnsOf(item as TObject, granularity)], rowLayout: 'record' }
  }
  if (TypeGuard.IsObject(part)) return { name, columns: columnsOf(part, granularity), rowLayout: 'object' }
  throw new Error(`${name} is not a table.`)
}
