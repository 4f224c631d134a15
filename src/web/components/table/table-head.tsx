import { messages } from '../../messages/messages.ts'
import { cellText, formatValue, isNumeric, largestValue } from './cell-text.ts'
import type { Column, Sorting } from './column.ts'

interface TableHeadProps<Row> {
  readonly columns: readonly Column<Row>[]
  /** All rows, whose longest numbers decide the width of the columns where not all rows exist in the document. */
  readonly rows: readonly Row[]
  readonly isWindowed: boolean
  readonly sorting: Sorting | undefined
  readonly onSort: (column: Column<Row>) => void
}

/** The headings of a table. Each one is a button that sorts by its column. */
export function TableHead<Row>({ columns, rows, isWindowed, sorting, onSort }: TableHeadProps<Row>) {
  const { sortBy } = messages().table
  return (
    <thead>
      <tr aria-rowindex={isWindowed ? 1 : undefined}>
        {columns.map((column) => {
          const { id, kind, label, description } = column
          const direction = sorting?.columnId === id ? sorting.direction : undefined
          return (
            <th key={id} scope="col" class={kind} aria-sort={direction}>
              {column.isUnordered === true ? (
                <span class="sort-button" title={description}>
                  {label}
                </span>
              ) : (
                <button
                  type="button"
                  class="sort-button"
                  title={[sortBy(label), description].filter(Boolean).join('\n')}
                  style={isWindowed ? { '--widest-text': `${widestText(column, rows)}ch` } : undefined}
                  onClick={() => onSort(column)}
                >
                  <span>{label}</span>
                  <span class="sort-arrow" aria-hidden="true">
                    {direction === undefined ? '↕' : direction === 'ascending' ? '↑' : '↓'}
                  </span>
                </button>
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}

/** The number of characters of the longest text of a column, so that scrolling does not change the widths. The width of a name does not depend on the rows. */
function widestText<Row>(column: Column<Row>, rows: readonly Row[]): number {
  if (column.kind === 'name') return 0
  if (isNumeric(column)) return formatValue(column, largestValue(column, rows)).length
  return rows.reduce((widest, row) => Math.max(widest, cellText(column, row)?.length ?? 0), 0)
}
