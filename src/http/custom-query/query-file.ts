/** The answer of a query as a file: all of its rows, whatever page is requested, and in a workbook its totals. */
import { type Static } from '@sinclair/typebox'
import type { CustomQuery } from '../../analytics/custom-query/query-request.ts'
import { type AnsweredRow, ENTITY_DIMENSIONS } from '../../analytics/custom-query/query-response.ts'
import type { QueryAnswer } from '../../analytics/custom-query/run-query.ts'
import { QUERY_METRICS, type QueryMetricName } from '../../analytics/custom-query/metric-sources.ts'
import type { DimensionName } from '../../analytics/dimensions.ts'
import { object } from '../../analytics/schemas.ts'
import type { CachedResponse } from '../cache/response-cache.ts'
import { type Column, headingOf, textColumn } from '../export/columns.ts'
import { CSV_STYLE_PARAMETERS, csvStyleOf, FORMAT_PARAMETER } from '../export/export-parameters.ts'
import { aboutTable, exportHeaders } from '../export/export-request.ts'
import type { ExportTask } from '../export/export-task.ts'
import type { ExportFormat } from '../export/response-format.ts'
import type { Cell, TableShape } from '../export/tables.ts'

export const QueryParameters = object(
  { format: FORMAT_PARAMETER, ...CSV_STYLE_PARAMETERS },
  'The format of the response.',
)
export type QueryParameters = Static<typeof QueryParameters>

/** The table of a CSV file. */
const ROWS = 'rows'
const TOTALS = 'totals'

/** What a file is made of: plain cells by the keys of their columns. */
interface FileData {
  readonly [ROWS]: readonly Readonly<Record<string, Cell>>[]
  readonly [TOTALS]: Readonly<Record<string, Cell>>
}

/** The answer with one level of cells in each row: an entity has an id and a name, and an older value the name of its metric with `previous` in front. */
export function fileDataOf(
  { comparison }: Pick<CustomQuery, 'comparison'>,
  { rows, totals, comparison: older }: Pick<QueryAnswer, 'rows' | 'totals' | 'comparison'>,
): FileData {
  return {
    rows: rows.map(({ keys, values, previous }) => ({
      ...cellsOfKeys(keys),
      ...values,
      ...(comparison ? previousCells(previous ?? {}) : {}),
    })),
    totals: { ...totals, ...(comparison ? previousCells(older?.totals ?? {}) : {}) },
  }
}

function cellsOfKeys(keys: AnsweredRow['keys']): Record<string, Cell> {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([name, value]): [string, Cell][] => {
      if (!isEntity(name)) return [[name, value as Cell]]
      const entity = value as { readonly id: string; readonly name: string } | null
      return [
        [idKeyOf(name), entity?.id ?? null],
        [name, entity?.name ?? null],
      ]
    }),
  )
}

const previousCells = (values: Readonly<Record<string, Cell>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [previousKeyOf(name), value]))

const isEntity = (name: string) => ENTITY_DIMENSIONS.some((entity) => entity === name)
const idKeyOf = (name: string) => `${name}Id`
const previousKeyOf = (name: string) => `previous${name.charAt(0).toUpperCase()}${name.slice(1)}`

export interface QueryFile {
  readonly query: CustomQuery
  readonly format: ExportFormat
  readonly parameters: QueryParameters
}

/** The tables of the data of `fileDataOf`: its rows and its totals. */
export function queryShapes({
  metrics,
  dimensions,
  granularity,
  comparison,
}: CustomQuery): readonly [rows: TableShape, totals: TableShape] {
  const values = metrics.flatMap((name) => [
    metricColumn(name),
    ...(comparison ? [{ ...metricColumn(name), ...namedColumn(previousKeyOf(name)) }] : []),
  ])
  const times = granularity ? [timeColumn(granularity)] : []
  return [
    { name: ROWS, columns: [...times, ...dimensions.flatMap(dimensionColumns), ...values], rowLayout: 'list' },
    { name: TOTALS, columns: values, rowLayout: 'object' },
  ]
}

/** The data is that of `fileDataOf`. */
export function queryFileTask({ query, format, parameters }: QueryFile, { json, readAt }: CachedResponse): ExportTask {
  const { metrics, dimensions, filter, granularity, having, range, zone, comparison } = query
  const [rows, sums] = queryShapes(query)
  const subject = {
    metrics: metrics.join(' '),
    dimensions: dimensions.join(' '),
    filter: filter ? JSON.stringify(filter) : '',
    having: having.length > 0 ? JSON.stringify(having) : '',
    granularity: granularity ?? '',
  }
  return {
    format,
    json,
    shapes: format === 'csv' ? [rows] : [rows, ...(query.totals ? [sums] : [])],
    about: aboutTable({ subject, range, zone, filters: {}, comparison }, readAt),
    csv: csvStyleOf(parameters),
    timezone: zone.name,
    readAt,
  }
}

export function queryFileHeaders({ query: { range, zone }, format }: QueryFile): Record<string, string> {
  return exportHeaders({ dashboard: { name: 'query', mainTable: ROWS }, format, table: ROWS, range, zone })
}

function timeColumn(granularity: NonNullable<CustomQuery['granularity']>): Column {
  return { ...namedColumn('timestamp'), kind: granularity === 'hour' ? 'hour' : 'day' }
}

function dimensionColumns(name: DimensionName): Column[] {
  if (isEntity(name)) return [textColumn(idKeyOf(name)), textColumn(name)]
  if (name === 'step' || name === 'hourOfDay') return [{ ...namedColumn(name), kind: 'number', isLabel: true }]
  return [textColumn(name)]
}

function metricColumn(name: QueryMetricName): Column {
  return { ...namedColumn(name), kind: QUERY_METRICS[name].unit === 'percent' ? 'percentage' : 'number' }
}

const namedColumn = (key: string) => ({ key, heading: headingOf(key) })
