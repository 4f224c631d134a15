import { type TObject, type TProperties, TypeGuard } from '@sinclair/typebox'
import type { Granularity } from '../../analytics/time/buckets.ts'
import { columnsOf, textColumn } from './columns.ts'
import type { TableShape } from './tables.ts'

/** The schema of a dashboard's data. */
interface DataSchema<Data extends TProperties> {
  readonly properties: Data
}

/** The names of a dashboard's tables, in the order of its response. */
export function tableNames<Data extends TProperties>({ properties }: DataSchema<Data>): (keyof Data & string)[] {
  return Object.keys(properties)
}

/**
 * One table of a dashboard. Its columns come from the schema, so that a table without rows has them too. A list has a row for each item, totals are one row, and a record
 * (`byChannel`) has its key in the first column (`channel`).
 */
export function tableShapeOf(
  { properties }: DataSchema<TProperties>,
  name: string,
  granularity: Granularity = 'day',
): TableShape {
  const part: unknown = properties[name]
  if (TypeGuard.IsArray(part) && TypeGuard.IsObject(part.items))
    return { name, columns: columnsOf(part.items, granularity), rowLayout: 'list' }
  if (TypeGuard.IsRecord(part)) {
    const [item] = Object.values(part.patternProperties)
    const key = textColumn(name.replace(/^by/, '').toLowerCase())
    return { name, columns: [key, ...columnsOf(item as TObject, granularity)], rowLayout: 'record' }
  }
  if (TypeGuard.IsObject(part)) return { name, columns: columnsOf(part, granularity), rowLayout: 'object' }
  throw new Error(`${name} is not a table.`)
}
