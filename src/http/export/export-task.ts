import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { Chunks } from '../sending/chunks.ts'
import { type CsvStyle, writeCsv } from './csv.ts'
import type { ExportFormat } from './response-format.ts'
import { type Cell, type Table, type TableShape, tableOf } from './tables.ts'
import { writeWorkbook } from './xlsx/workbook.ts'

/** The data and the format of a file to write: plain data, which can be sent to a worker. */
export interface ExportTask {
  readonly format: ExportFormat
  /** The dashboard's data, as JSON in UTF-8. */
  readonly json: Chunks
  /** The tables of the data that the file contains; exactly one for a CSV file. */
  readonly shapes: readonly TableShape[]
  /** The last sheet, which describes the query. */
  readonly about: Table & { readonly rows: readonly (readonly Cell[])[] }
  readonly csv: CsvStyle
  /** The IANA name of the zone of a workbook's days and times. */
  readonly timezone: string
  /** When the data was read, epoch milliseconds. */
  readonly readAt: number
}

/** Writes a file, on another thread if the runtime has threads. Rejects when that fails or takes too long. */
export type ExportWriter = (task: ExportTask) => Promise<Chunks>

/** Writes a file on this thread, in slices, between which other work runs. */
export const writeExport: ExportWriter = async (task) => {
  const slices = new TimeSlices()
  const data = JSON.parse(await new Blob([...task.json]).text()) as Record<string, unknown>
  await slices.yieldIfExpired()
  const tables = task.shapes.map((shape) => tableOf(shape, data))
  const chunks: Uint8Array<ArrayBuffer>[] = []
  if (task.format === 'csv') {
    const encoder = new TextEncoder()
    for await (const text of writeCsv(tables[0]!, task.csv, slices)) chunks.push(encoder.encode(text))
  } else {
    const options = { timezone: task.timezone, modified: new Date(task.readAt), slices }
    for await (const bytes of writeWorkbook([...tables, task.about], options)) chunks.push(bytes)
  }
  return chunks
}
