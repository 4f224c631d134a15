/** Runs of reports as files: the tables of their blocks, one after another as CSV, or a sheet for each in a workbook. */
import type { BlockRun, BlockTable, ReportRun, WriteReport } from '../../reports/ports.ts'
import type { Report } from '../../reports/report.ts'
import { headingOf } from '../export/columns.ts'
import { type CsvStyle, csvText, PLAIN_CSV } from '../export/csv.ts'
import type { ExportTask, ExportWriter } from '../export/export-task.ts'
import type { ExportFormat } from '../export/response-format.ts'
import type { Cell } from '../export/tables.ts'
import { type Chunks, concatenated, encodeUtf8 } from '../sending/chunks.ts'
import { ABOUT_SHEET, sheetNamesOf } from './sheet-names.ts'

/** What a file is made of. */
export interface ReportFile {
  readonly report: Pick<Report, 'name'>
  readonly run: ReportRun
  readonly format: ExportFormat
  readonly csv: CsvStyle
}

/** Rejects when writing fails or takes too long. */
export async function writeReportFile(file: ReportFile, writeExport: ExportWriter): Promise<Chunks> {
  const { run, format, csv } = file
  return format === 'csv' ? [encodeUtf8(csvOfBlocks(run.blocks, csv))] : writeExport(workbookTask(file))
}

/** Writes the files of mails. */
export function createReportWriter(writeExport: ExportWriter): WriteReport {
  return async (report, run, format) =>
    concatenated(await writeReportFile({ report, run, format, csv: PLAIN_CSV }, writeExport))
}

/** One table as every CSV file of the API. Several ones each with its title in a line before it, and with an empty line between them. */
export function csvOfBlocks(blocks: readonly BlockRun[], csv: CsvStyle): string {
  const [only, ...others] = blocks
  if (only && others.length === 0) return csvText(keysOf(only.table), cellsOf(only.table), csv)
  const lines = blocks.flatMap(({ title, table }, index) => [
    ...(index === 0 ? [] : [[], [title]]),
    keysOf(table),
    ...cellsOf(table),
  ])
  return csvText(only ? [only.title] : [], lines, csv)
}

const keysOf = ({ columns }: BlockTable): string[] => columns.map(({ key }) => key)

function cellsOf({ columns, rows }: BlockTable): Cell[][] {
  return rows.map((row) => columns.map(({ key }) => row[key] ?? null))
}

function workbookTask({ report, run, format, csv }: ReportFile): ExportTask {
  const names = sheetNamesOf(run.blocks.map(({ title }) => title))
  const data = Object.fromEntries(run.blocks.map(({ table }, index) => [names[index]!, table.rows]))
  const about = { report: report.name, timezone: run.timezone, asOf: new Date(run.asOf).toISOString() }
  return {
    format,
    json: [encodeUtf8(JSON.stringify(data))],
    shapes: run.blocks.map(({ table }, index) => ({ name: names[index]!, columns: table.columns, rowLayout: 'list' })),
    about: {
      name: ABOUT_SHEET,
      columns: Object.keys(about).map((key) => ({
        key,
        heading: headingOf(key),
        kind: key === 'asOf' ? 'instant' : 'text',
      })),
      rows: [Object.values(about)],
    },
    csv,
    timezone: run.timezone,
    readAt: run.asOf,
  }
}
