import type { ViewState } from '../../state/view-state.ts'

/** What the cells of a column lead to. */
export interface CellLink<Row> {
  /** Changes when the same row leads elsewhere, as after a change of the range. */
  readonly key: string
  /** The name of the link is the text of the cell; this says what it shows. */
  readonly title?: string
  /** Undefined for a cell without a link. */
  readonly to: (row: Row) => Partial<ViewState> | undefined
}

/** A column of a table. */
export interface Column<Row> {
  /** Identifies the column in the remembered choice of columns. */
  readonly id: string
  readonly label: string
  /** Explains the column. */
  readonly description?: string
  /** `name` is a text of the tenant, `label` a text of the page; `count` and `rate` are numbers; `time` is an instant, whose `text` formats it. */
  readonly kind: 'name' | 'label' | 'count' | 'rate' | 'time'
  /** The value that the column is sorted by. Null means that there is no data. */
  readonly value: (row: Row) => string | number | null
  /** The text of a number and of the total, where the kind does not decide it. */
  readonly format?: ((value: number) => string) | undefined
  /** The text of a cell, where it is not the formatted value. */
  readonly text?: (row: Row) => string
  /** The number in the row of totals; null means that there is no data. It never results from adding rates or distinct counts. */
  readonly total?: number | null | undefined
  /** What is behind the cells. */
  readonly link?: CellLink<Row> | undefined
  /** What is behind the total. */
  readonly totalLink?: Partial<ViewState> | undefined
  /** Draws a bar for the share of the largest value beside the number. */
  readonly hasBar?: boolean
  /** Whether rows cannot be ordered by the column. */
  readonly isUnordered?: boolean
  /** Whether the column is shown only when the user chooses it. */
  readonly isOptional?: boolean
}

export interface Sorting {
  readonly columnId: string
  readonly direction: 'ascending' | 'descending'
}
