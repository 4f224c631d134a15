/**
 * The columns of files, with their headings and formats. They are derived from the schema of a dashboard's data, so that a new field is named and formatted in every file.
 */
import { type TObject, type TSchema, TypeGuard } from '@sinclair/typebox'
import type { Pairing } from '../../analytics/comparison/paired-lists.ts'
import type { Granularity } from '../../analytics/time/buckets.ts'

/** `day`: the calendar day of an instant or of a text `YYYY-MM-DD`. `hour`: the start of an hour. `instant`: to the millisecond. All in local time. `percentage`: from 0, possibly above 100. */
export type ColumnKind = 'text' | 'number' | 'percentage' | 'day' | 'hour' | 'instant'

export interface Column {
  /** The field's name in the JSON, and the column's name in CSV files. */
  readonly key: string
  /** Where the value is in its item, when that is not the field `key`: a field of an object in a field. */
  readonly path?: readonly [field: string, nestedField: string]
  /** The field of the item's `previous` that the column shows, in place of a field of the item. */
  readonly previousField?: string
  /** The column's name in workbooks. */
  readonly heading: string
  readonly kind: ColumnKind
  /** A number that says what the row is about, such as the step of a funnel, and measures nothing. */
  readonly isLabel?: true
}

/** The columns of a table by the schema of its items; an object in an item has a column for each of its fields. The start of a bucket is a day or an hour. */
export function columnsOf({ properties }: TObject, granularity: Granularity): Column[] {
  return Object.entries(properties).flatMap(([key, schema]) =>
    TypeGuard.IsObject(schema)
      ? columnsOf(schema, granularity).map((column) => ({ ...column, path: [key, column.key] as const }))
      : [{ key, heading: headingOf(key), kind: kindOf(key, schema, granularity) }],
  )
}

/** The columns of the older items of a list. Those that are paired by their place have their own time; the others have the same key and name. */
export function previousColumnsOf(schema: TObject, pairing: Pairing, granularity: Granularity): Column[] {
  return columnsOf(schema, granularity)
    .filter(({ kind }, index) => pairing === 'place' || (index > 0 && kind !== 'text'))
    .map(({ key, kind, path }) => {
      const name = `previous${key.charAt(0).toUpperCase()}${key.slice(1)}`
      return { key: name, heading: headingOf(name), kind, previousField: key, ...(path && { path }) }
    })
}

/** A column of texts, with a heading derived from the key. */
export function textColumn(key: string): Column {
  return { key, heading: headingOf(key), kind: 'text' }
}

const WORD_REPLACEMENTS: Readonly<Record<string, string>> = {
  id: 'ID',
  avg: 'average',
  of: 'of',
  timezone: 'time zone',
}

/** `avgOpenRate` → `Average open rate`, `campaignId` → `Campaign ID`. */
export function headingOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(' ')
  const text = words.map((word) => WORD_REPLACEMENTS[word] ?? word).join(' ')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function kindOf(key: string, schema: TSchema, granularity: Granularity): ColumnKind {
  if (TypeGuard.IsBoolean(schema)) return 'text'
  if (!TypeGuard.IsString(schema)) return schema['unit'] === 'percent' ? 'percentage' : 'number'
  if (schema.format === 'date-time') {
    if (key !== 'timestamp') return 'instant'
    return granularity === 'hour' ? 'hour' : 'day'
  }
  return key === 'date' ? 'day' : 'text'
}
