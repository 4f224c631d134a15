/**
 * Files of a dashboard: CSV and XLSX, made from the JSON of the same query, so that their numbers are equal to the last digit.
 *
 * A file is written completely before it is sent, so that a failure is an error response and not a file that ends too early.
 */
import type { ComparisonRequest } from '../../analytics/comparison/compare.ts'
import type { AnyDashboard } from '../../analytics/define-dashboard.ts'
import { formatInstant, formatLocalDate, type Granularity } from '../../analytics/time/buckets.ts'
import { sidesAt } from '../../analytics/time/comparison-range.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import type { CachedResponse } from '../cache/response-cache.ts'
import { type Column, headingOf } from './columns.ts'
import type { CsvStyle } from './csv.ts'
import type { ExportTask } from './export-task.ts'
import { type ExportFormat, MEDIA_TYPES } from './response-format.ts'
import { tableShapesOf } from './table-shapes.ts'
import type { Cell } from './tables.ts'

export interface ExportRequest {
  readonly dashboard: Pick<AnyDashboard, 'name' | 'data' | 'mainTable'>
  readonly format: ExportFormat
  /** The table that a CSV file contains. */
  readonly table: string
  readonly csv: CsvStyle
  readonly range: TimeRange
  readonly zone: TimeZone
  readonly granularity: Granularity
  readonly comparison: ComparisonRequest['comparison'] | undefined
  /** The other parameters of the query. */
  readonly filters: Readonly<Record<string, Cell>>
}

export function createExportTask(file: ExportRequest, { json, readAt }: CachedResponse): ExportTask {
  const { dashboard, format, table, csv, zone, granularity, filters, comparison } = file
  const shapes = tableShapesOf(dashboard.data, { granularity, filters, isCompared: comparison !== undefined })
  return {
    format,
    json,
    shapes: format === 'csv' ? [shapes.get(table)!] : [...shapes.values()],
    about: aboutTable({ ...file, subject: { dashboard: dashboard.name } }, readAt),
    csv,
    timezone: zone.name,
    readAt,
  }
}

/** The part of a request that names its file. */
type NamedFile = Pick<ExportRequest, 'format' | 'table' | 'range' | 'zone'> & {
  readonly dashboard: Pick<AnyDashboard, 'name' | 'mainTable'>
}

export function exportHeaders(file: NamedFile): Record<string, string> {
  return {
    'content-type': file.format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx,
    'content-disposition': `attachment; filename="${exportFileName(file)}"`,
  }
}

/** The name has the local days of the range. None of its parts is free text, so that it needs no quoting anywhere. */
function exportFileName({ dashboard, format, table, range, zone }: NamedFile): string {
  const parts = ['outreach', dashboard.name]
  if (format === 'csv' && table !== dashboard.mainTable) parts.push(table)
  return `${[...parts, formatLocalDate(range.start, zone), formatLocalDate(range.end, zone)].join('-')}.${format}`
}

/** What a file is about. */
type FileSubject = Pick<ExportRequest, 'range' | 'zone' | 'filters' | 'comparison'> & {
  /** What was asked for, by the names of the columns. */
  readonly subject: Readonly<Record<string, Cell>>
}

/** A sheet that describes the query, for readers who open the workbook later. */
export function aboutTable(
  { subject, range, zone, filters, comparison }: FileSubject,
  readAt: number,
): ExportTask['about'] {
  const about: Record<string, Cell> = {
    ...subject,
    start: formatInstant(range.start),
    end: formatInstant(range.end),
    timezone: zone.name,
    asOf: new Date(readAt).toISOString(),
    ...filters,
    ...(comparison && aboutComparison(comparison, readAt)),
  }
  const columns = Object.keys(about).map((key): Column => {
    const kind = INSTANT_KEYS.has(key) ? 'instant' : typeof about[key] === 'number' ? 'number' : 'text'
    return { key, heading: headingOf(key), kind }
  })
  return { name: 'about', columns, rows: [Object.values(about)] }
}

/** What the range was compared with, and until when, where it had not ended. */
function aboutComparison(comparison: ComparisonRequest['comparison'], readAt: number): Record<string, Cell> {
  const { older, isPartial } = sidesAt(comparison, readAt)
  return {
    compare: comparison.compare,
    align: comparison.align,
    previousStart: formatInstant(older.start),
    previousEnd: formatInstant(older.end),
    ...(isPartial ? { elapsedUntil: formatInstant(readAt) } : {}),
  }
}

const INSTANT_KEYS = new Set(['start', 'end', 'asOf', 'previousStart', 'previousEnd', 'elapsedUntil'])
