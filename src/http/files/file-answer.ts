/**
 * The files that a person takes away: a dashboard's data comes in as the JSON that the others are answered with, a CSV or XLSX file leaves, with the same numbers to the
 * last digit.
 *
 * A file is made in one piece: the largest table has some 17,500 rows (the hours of two years) of eight cells, which is about a megabyte. Its length is then
 * known, and a failure is an answer and not a file that ends too early.
 */
import type { TObject } from '@sinclair/typebox'
import { formatInstant, formatLocalDate } from '../../analytics/buckets.ts'
import type { TimeRange } from '../../analytics/time-range.ts'
import type { Zone } from '../../zone.ts'
import { writeCsv } from './csv.ts'
import { type FileFormat, MEDIA_TYPES } from './format.ts'
import { type Cell, type Table, tableNames, tableOf } from './tables.ts'
import { writeXlsx } from './xlsx.ts'

export interface FileRequest {
  readonly route: { readonly name: string; readonly schema: TObject; readonly mainTable: string }
  readonly format: FileFormat
  /** The one that a CSV file holds. */
  readonly table: string
  readonly range: TimeRange
  readonly zone: Zone
  /** What else was asked. */
  readonly filters: Readonly<Record<string, Cell>>
  /** The dashboard's data. */
  readonly json: string
  /** When it was read, epoch milliseconds. */
  readonly readAt: number
}

export async function answerFile(request: FileRequest): Promise<Response> {
  const { route, format, table, json, readAt } = request
  const data = JSON.parse(json) as Record<string, unknown>
  const tables = (names: readonly string[]) => names.map((name) => tableOf(route.schema, data, name))
  const body =
    format === 'csv'
      ? writeCsv(tableOf(route.schema, data, table))
      : await writeXlsx([...tables(tableNames(route.schema)), aboutTable(request)], new Date(readAt))
  return new Response(body, {
    headers: {
      'content-type': format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx,
      'content-disposition': `attachment; filename="${fileName(request)}"`,
    },
  })
}

/** By the local days of its range. None of its parts is free text: nothing in it needs quoting anywhere. */
function fileName({ route, format, table, range, zone }: FileRequest): string {
  const parts = ['outreach', route.name]
  if (format === 'csv' && table !== route.mainTable) parts.push(table)
  return `${[...parts, formatLocalDate(range.start, zone), formatLocalDate(range.end, zone)].join('-')}.${format}`
}

/** What the numbers are of: a workbook lies around longer than anyone remembers. */
function aboutTable({ route, range, zone, filters, readAt }: FileRequest): Table {
  const about: Record<string, Cell> = {
    dashboard: route.name,
    start: formatInstant(range.start),
    end: formatInstant(range.end),
    timezone: zone.name,
    asOf: new Date(readAt).toISOString(),
    ...filters,
  }
  return { name: 'about', columns: Object.keys(about), rows: [Object.values(about)] }
}
