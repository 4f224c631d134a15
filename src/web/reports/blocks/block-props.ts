import type { Chart } from '../../../reports/report-parts.ts'
import type { BlockRequest } from '../../../reports/report.ts'
import type { QuerySchema } from '../../explorer/query-schema.ts'

/** What draws a block. */
export interface BlockProps<Data> {
  readonly block: BlockRequest
  readonly data: Data
  /** A chart that can draw the block. */
  readonly chart: Chart
  readonly schema: QuerySchema
  /** The time zone of the data. */
  readonly zone: string
  /** When the numbers were read, epoch milliseconds. */
  readonly asOf: number
  /** Identifies the tables of the block. */
  readonly id: string
}
