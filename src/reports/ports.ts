/** The ports of reports, which other modules implement. */
import type { Report } from './report.ts'
import type { BlockKind, Chart } from './report-parts.ts'

/** What a report shows at an instant. */
export interface ReportRun {
  /** The instant that the data is of, epoch milliseconds. */
  readonly asOf: number
  /** That of the report. */
  readonly timezone: string
  readonly blocks: readonly BlockRun[]
}

export interface BlockRun {
  readonly title: string
  readonly kind: BlockKind
  readonly chart: Chart
  /** The `data` of the response to the request of the block: `QueryData`, `FunnelData`, `CohortData` or that of the dashboard. */
  readonly data: object
  /** The main table of the data, for mails and files. */
  readonly table: BlockTable
  /** The totals of the data, one row. Undefined for data without any. */
  readonly totals?: BlockTable | undefined
  /** How many rows of the table the block shows where not all are shown: its `limit`. Undefined where it shows all. */
  readonly rowLimit: number | undefined
}

/** Cells by the keys of their columns, in the order of the rows. */
export interface BlockTable {
  readonly columns: readonly BlockColumn[]
  readonly rows: readonly Readonly<Record<string, string | number | null>>[]
}

export interface BlockColumn {
  readonly key: string
  readonly heading: string
  /** A `percentage` is from 0, possibly above 100. A `day` (or `hour`) is the start of a bucket and an `instant` is exact: UTC, ISO 8601; a `day` may also be a date `YYYY-MM-DD`. */
  readonly kind: 'text' | 'number' | 'percentage' | 'day' | 'hour' | 'instant'
  /** A number that says what the row is about, such as the step of a funnel, and measures nothing. */
  readonly isLabel?: true
}

/**
 * Runs a report as it was at an instant: ranges relative to the present end at the instant, and events after it do not count. Tables have all rows. Rejects with an ApiFailure when the data cannot
 * be read, also when a block is not valid any more, and with the reason of the signal.
 */
export type RunReport = (tenantId: string, report: Report, asOf: number, signal: AbortSignal) => Promise<ReportRun>

/** Writes a run as a file: CSV with the blocks one after another, or a workbook with a sheet for each block. */
export type WriteReport = (report: Report, run: ReportRun, format: 'csv' | 'xlsx') => Promise<Uint8Array>
