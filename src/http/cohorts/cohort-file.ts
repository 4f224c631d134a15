/** The answer of cohorts as a file: a row for each cell, and in a workbook the mean. */
import type { CohortQuery } from '../../analytics/cohorts/cohort-request.ts'
import type { CohortData } from '../../analytics/cohorts/cohort-response.ts'
import type { VersionedFile } from '../cache/versioned-response.ts'
import { type Column, headingOf } from '../export/columns.ts'
import { csvStyleOf, type ExportParameters } from '../export/export-parameters.ts'
import { aboutTable, exportHeaders } from '../export/export-request.ts'
import type { ExportFormat } from '../export/response-format.ts'
import type { Cell, TableShape } from '../export/tables.ts'

const CELLS = 'cells'
const MEAN = 'mean'

const column = (key: string, kind: Column['kind']): Column => ({ key, heading: headingOf(key), kind })

/** What a file is made of. */
interface FileData {
  readonly [CELLS]: readonly Readonly<Record<string, Cell>>[]
  readonly [MEAN]: readonly Readonly<Record<string, Cell>>[]
}

/** A row for each cell with the bucket and the size of its cohort. */
export function cohortFileData({ cohorts, mean }: CohortData): FileData {
  return {
    [CELLS]: cohorts.flatMap(({ bucket, size, cells }) =>
      cells.map(({ complete, ...cell }) => ({ bucket, size, ...cell, complete: String(complete) })),
    ),
    [MEAN]: mean.map((point) => ({ ...point })),
  }
}

/** The tables of the data of `cohortFileData`: its cells and its mean. */
export function cohortShapes(kind: CohortQuery['kind']): readonly [cells: TableShape, mean: TableShape] {
  const cells: TableShape = {
    name: CELLS,
    columns: [
      column('bucket', 'day'),
      column('size', 'number'),
      { ...column('period', 'number'), isLabel: true },
      column('count', 'number'),
      column('rate', 'percentage'),
      ...(kind === 'engagement' ? [column('cumulative', 'number')] : []),
      column('complete', 'text'),
    ],
    rowLayout: 'list',
  }
  const mean: TableShape = {
    name: MEAN,
    columns: [column('period', 'number'), column('rate', 'percentage'), column('cohortsUsed', 'number')],
    rowLayout: 'list',
  }
  return [cells, mean]
}

/** The file of an answer of `cohortFileData`. */
export function cohortFile(query: CohortQuery, format: ExportFormat, parameters: ExportParameters): VersionedFile {
  const { kind, cohort, range, zone } = query
  const [cells, mean] = cohortShapes(kind)
  return {
    format,
    parameters,
    headers: exportHeaders({ dashboard: { name: 'cohorts', mainTable: CELLS }, format, table: CELLS, range, zone }),
    task: ({ json, readAt }) => ({
      format,
      json,
      shapes: format === 'csv' ? [cells] : [cells, mean],
      about: aboutTable(
        { subject: { cohorts: kind, cohort, ...subjectOf(query) }, range, zone, filters: {}, comparison: undefined },
        readAt,
      ),
      csv: csvStyleOf(parameters),
      timezone: zone.name,
      readAt,
    }),
  }
}

/** What the numbers are about. */
function subjectOf(query: CohortQuery): Readonly<Record<string, Cell>> {
  const text = (filter: unknown) => (filter === undefined ? '' : JSON.stringify(filter))
  if (query.kind === 'engagement') {
    const { event, isHuman, period, filter } = query
    return { event, human: String(isHuman), period, filter: text(filter) }
  }
  const { start, return: returned, counting, mode } = query
  return {
    start: start.event,
    startFilter: text(start.filter),
    return: returned.event,
    returnFilter: text(returned.filter),
    counting,
    mode,
  }
}
