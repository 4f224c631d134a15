import type { RefObject } from 'preact'
import { useMemo } from 'preact/hooks'
import type { ViewState } from '../../state/view-state.ts'
import { cellText, largestValue } from './cell-text.ts'
import type { Column } from './column.ts'
import { withPinnedRow } from './row-window.ts'
import { type Cell, TableRow } from './table-row.tsx'
import { useRowFocus } from './use-row-focus.ts'
import type { RowWindow } from './use-row-window.ts'

interface TableBodyProps<Row> {
  /** The rows that match the search, in their order. */
  readonly rows: readonly Row[]
  /** The rows whose largest values decide the lengths of the bars. */
  readonly allRows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  readonly linkTo: ((row: Row) => Partial<ViewState> | undefined) | undefined
  /** Whether another row has the same name. */
  readonly hasRepeatedName: (row: Row) => boolean
  readonly rowWindow: RowWindow
  readonly scroll: RefObject<HTMLElement | null>
  readonly emptyText: string
}

/** The rows of a table: those near the visible part and the one with the focus, and empty rows of the height of the others. */
export function TableBody<Row>(props: TableBodyProps<Row>) {
  const { rows, allRows, columns, rowKey, linkTo, hasRepeatedName, rowWindow, scroll, emptyText } = props
  const { range, isWindowed, rowHeight, pageRows } = rowWindow
  const keys = useMemo(() => rows.map(rowKey), [rows])
  const { focusedKey, handlers } = useRowFocus({ keys, scroll, pageRows })
  const focusedRow = focusedKey.value === undefined ? -1 : keys.indexOf(focusedKey.value)
  const ranges = isWindowed ? withPinnedRow(range, focusedRow === -1 ? undefined : focusedRow) : [range]
  const largestValues = columns.map((column) => (column.hasBar ? largestValue(column, allRows) : 0))
  const cellsOf = (row: Row): Cell[] =>
    columns.map((column, index) => ({
      column,
      text: cellText(column, row),
      linkKey: column.link?.key,
      link: column.link?.to(row),
      share: largestValues[index]! > 0 ? Number(column.value(row) ?? 0) / largestValues[index]! : undefined,
    }))
  // One flat list: a row keeps its element when it moves from one range to another.
  const content = ranges.flatMap(({ start, end }, index) => [
    <Spacer key={`before ${index}`} height={(start - (ranges[index - 1]?.end ?? 0)) * rowHeight} />,
    ...rows
      .slice(start, end)
      .map((row, offset) => (
        <TableRow
          key={`row ${keys[start + offset]!}`}
          rowKey={keys[start + offset]!}
          cells={cellsOf(row)}
          rowId={hasRepeatedName(row) ? keys[start + offset] : undefined}
          rowIndex={isWindowed ? start + offset + 2 : undefined}
          link={linkTo?.(row)}
        />
      )),
  ])
  return (
    <tbody {...handlers}>
      {rows.length === 0 && (
        <tr>
          <td class="table-empty" colSpan={columns.length}>
            {emptyText}
          </td>
        </tr>
      )}
      {content}
      <Spacer key="after" height={(rows.length - ranges.at(-1)!.end) * rowHeight} />
    </tbody>
  )
}

/** Takes the height of rows that do not exist in the document. */
function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null
  return <tr class="table-spacer" aria-hidden="true" style={{ blockSize: `${height}px` }} />
}
