import { formatCount, formatRate } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import type { Column, Sorting } from './column.ts'

export interface DataTableProps<Row> {
  /** Identifies the table in the remembered choice of columns. */
  readonly id: string
  readonly caption: string
  /** The rows in the order of the service. */
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  /** Identifies a row among updates, and tells rows of the same name apart. */
  readonly rowKey: (row: Row) => string
  /** The address of the page about a row. It makes the first column a link. */
  readonly href?: (row: Row) => string
  readonly onOpen?: (row: Row) => void
  /** Undefined = the order of the service. */
  readonly initialSorting?: Sorting
  /** Whether the service has more rows than these. */
  readonly hasMore?: boolean
  readonly emptyText?: string
}

/** A table of any number of rows. */
export function DataTable<Row>({ caption, rows, columns, rowKey, emptyText }: DataTableProps<Row>) {
  return (
    <div class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
      <table>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" class={column.kind}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length}>{emptyText ?? messages().table.empty}</td>
            </tr>
          )}
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => (
                <td key={column.id} class={column.kind}>
                  {formatCell(column, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function formatCell<Row>({ kind, value, text }: Column<Row>, row: Row): string {
  const content = value(row)
  if (text) return text(row)
  if (content === null) return '–'
  if (kind === 'count') return formatCount(Number(content))
  return kind === 'rate' ? formatRate(Number(content)) : String(content)
}
