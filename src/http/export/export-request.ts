/**
 * The files that a person takes away: a dashboard's data comes in as the JSON that the others are answered with, a CSV or XLSX file leaves, with the same numbers to the
 * last digit.
 *
 * A file is written completely before it is sent: a failure is an answer then, and not a file that ends too early.
 */
import type { TObject } from '@sinclair/typebox'
import { formatInstant, formatLocalDate, type Granularity } from '../../analytics/time/buckets.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import type { CachedResponse } from '../cache/response-cache.ts'
import { type Column, headingOf } from './columns.ts'
import type { CsvStyle } from './csv.ts'
import type { ExportTask } from './export-task.ts'
import { type ExportFormat, MEDIA_TYPES } from './response-format.ts'
import { tableShapeOf, tableNames } from './table-shapes.ts'
import type { Cell } from './tables.ts'

export interface ExportRequest {
  readonly route: { readonly name: string; readonly schema: TObject; readonly mainTable: string }
  readonly format: ExportFormat
  /** The one that a CSV file holds. */
  readonly table: string
  readonly csv: CsvStyle
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly granularity: Granularity
  /** What else was asked. */
  readonly filters: Readonly<Record<string, Cell>>
}

export function createExportTask(file: ExportRequest, { json, readAt }: CachedResponse): ExportTask {
  const { route, format, table, csv, zone, granularity } = file
  const names = format === 'csv' ? [table] : tableNames(route.schema)
  return {
    format,
    json,
    shapes: names.map((name) => tableShapeOf(route.schema, name, granularity)),
    about: aboutTable(file, readAt),
    csv,
    timezone: zone.name,
    readAt,
  }
}

export function exportHeaders(file: ExportRequest): Record<string, string> {
  return {
    'content-type': file.format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx,
    'content-disposition': `attachment; filename="${exportFileName(file)}"`,
  }
}

/** By the local days of its range. None of its parts is free text: nothing in it needs quoting anywhere. */
function exportFileName({ route, format, table, range, zone }: ExportRequest): string {
  const parts = ['outreach', route.name]
  if (format === 'csv' && table !== route.mainTable) parts.push(table)
  return `${[...parts, formatLocalDate(range.start, zone), formatLocalDate(range.end, zone)].join('-')}.${format}`
}

/** What the numbers are of: a workbook lies around longer than anyone remembers. */
function aboutTable({ route, range, zone, filters }: ExportRequest, readAt: number): ExportTask['about'] {
  const about: Record<string, Cell> = {
    dashboard: route.name,
    start: formatInstant(range.start),
    end: formatInstant(range.end),
    timezone: zone.name,
    asOf: new Date(readAt).toISOString(),
    ...filters,
  }
  const columns = Object.keys(about).map((key): Column => {
    const kind = INSTANT_KEYS.has(key) ? 'instant' : typeof about[key] === 'number' ? 'number' : 'text'
    return { key, heading: headingOf(key), kind }
  })
  return { name: 'about', columns, rows: [Object.values(about)] }
}

const INSTANT_KEYS = new Set(['start', 'end', 'asOf'])
