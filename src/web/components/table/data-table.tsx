import { useLayoutEffect, useMemo, useRef } from 'preact/hooks'
import { formatCount } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import type { ViewState } from '../../state/view-state.ts'
import { cellText } from './cell-text.ts'
import { isColumnShown } from './column-choice.ts'
import type { Column, Sorting } from './column.ts'
import { repeatedTexts, searchableText, searchRows } from './search-rows.ts'
import { nextSorting, sortRows } from './sort-rows.ts'
import { TableBody } from './table-body.tsx'
import { TableHead } from './table-head.tsx'
import { tableStateOf } from './table-state.ts'
import { TableToolbar } from './table-toolbar.tsx'
import { TableTotals } from './table-totals.tsx'
import { useRowWindow } from './use-row-window.ts'

export interface DataTableProps<Row> {
  /** Identifies the table: its order, search and position last as long as the page, and the choice of columns is remembered. */
  readonly id: string
  readonly caption: string
  /** The rows in the order of the service. */
  readonly rows: readonly Row[]
  /** The first column names the row and is always shown. */
  readonly columns: readonly Column<Row>[]
  /** Identifies a row among updates, and distinguishes rows of the same name. */
  readonly rowKey: (row: Row) => string
  /** The address of the page about a row. It makes the first column a link. */
  readonly linkTo?: (row: Row) => Partial<ViewState> | undefined
  /** Undefined = the order of the service. */
  readonly initialSorting?: Sorting
  /** The order of rows that the service orders, and what a click on a heading does. It takes the place of an order in the page. */
  readonly ordering?: { readonly sorting: Sorting | undefined; readonly onSort: (next: Sorting) => void }
  /** Whether rows of the same name are told apart by other columns, so that their keys are not shown. */
  readonly hidesKeys?: boolean
  /** Whether the service has more rows than these. */
  readonly hasMore?: boolean
  readonly emptyText?: string
  /** Leaves out the search and the choice of columns, for a table beside a chart. */
  readonly isPlain?: boolean
}

/** A table of any number of rows, sorted by any column. A long table has a search, and only the rows near its visible part exist in the document. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { id, caption, rows, columns, rowKey, linkTo, ordering, hasMore = false, emptyText, isPlain = false } = props
  const { table } = messages()
  const state = tableStateOf(id)
  const sorting = ordering ? ordering.sorting : (state.sorting.value ?? props.initialSorting)
  const search = isPlain ? '' : state.search.value
  const frame = useRef<HTMLDivElement>(null)
  const scroll = useRef<HTMLDivElement>(null)

  const shownColumns = columns.filter((column, index) => isColumnShown(column, index, state.columnChoice.value))
  const hasTotals = shownColumns.some(({ total }) => total !== undefined)
  // A render of the parent brings new columns, a search or a scroll does not.
  const sorted = useMemo(() => {
    const column = columns.find((each) => each.id === sorting?.columnId)
    return sorting && column && !ordering ? sortRows(rows, column, sorting.direction) : rows
  }, [rows, columns, sorting?.columnId, sorting?.direction])
  const texts = useMemo(
    () => new Map(rows.map((row) => [row, searchableTextOf(row, columns, rowKey)])),
    [rows, columns],
  )
  const matching = useMemo(() => searchRows(sorted, search, (row) => texts.get(row)!), [sorted, search])
  const repeatedNames = useMemo(() => {
    const nameColumn = columns[0]?.kind === 'name' && props.hidesKeys !== true ? columns[0] : undefined
    return nameColumn && repeatedTexts(rows.map((row) => cellText(nameColumn, row) ?? ''))
  }, [rows, columns])

  // Another initial order, which the user chose elsewhere, takes the place of that of a heading.
  const initialColumn = useRef(props.initialSorting?.columnId)
  useLayoutEffect(() => {
    if (initialColumn.current !== props.initialSorting?.columnId) state.sorting.value = undefined
    initialColumn.current = props.initialSorting?.columnId
  }, [props.initialSorting?.columnId])
  const rowWindow = useRowWindow(matching.length, state, scroll, frame)
  const { isWindowed } = rowWindow
  // Another order or search begins at its first row.
  const isFirst = useRef(true)
  useLayoutEffect(() => {
    // To write a position makes the browser calculate the layout, so an unscrolled table is left alone.
    if (!isFirst.current && state.scrollTop > 0) scroll.current!.scrollTop = 0
    isFirst.current = false
  }, [sorting?.columnId, sorting?.direction, search])

  return (
    <div class="data-table">
      {!isPlain && (
        <TableToolbar {...{ id, caption, state, columns }} rowCount={rows.length} matchCount={matching.length} />
      )}
      <div class="table-frame" ref={frame}>
        <div ref={scroll} class="table-scroll" role="group" aria-label={caption} tabIndex={0}>
          <table
            data-has-ids={repeatedNames !== undefined && repeatedNames.size > 0}
            aria-rowcount={isWindowed ? matching.length + (hasTotals ? 2 : 1) : undefined}
          >
            <caption class="visually-hidden">{caption}</caption>
            <TableHead
              {...{ isWindowed, rows, sorting }}
              columns={shownColumns}
              onSort={(column) => {
                const next = nextSorting(sorting, column)
                if (ordering) ordering.onSort(next)
                else state.sorting.value = next
              }}
            />
            <TableBody
              {...{ rowKey, linkTo, rowWindow, scroll }}
              rows={matching}
              allRows={rows}
              columns={shownColumns}
              hasRepeatedName={(row) => repeatedNames?.has(cellText(columns[0]!, row) ?? '') === true}
              emptyText={search.trim() === '' ? (emptyText ?? table.empty) : table.noMatch(search.trim())}
            />
            {hasTotals && (
              <TableTotals
                columns={shownColumns}
                isSearched={search.trim() !== ''}
                rowIndex={isWindowed ? matching.length + 2 : undefined}
              />
            )}
          </table>
        </div>
      </div>
      {hasMore && <p class="note">{table.first(formatCount(rows.length))}</p>}
    </div>
  )
}

/** The names and labels of a row, and what identifies it. */
function searchableTextOf<Row>(row: Row, columns: readonly Column<Row>[], rowKey: (row: Row) => string): string {
  const texts = columns.filter(({ kind }) => kind === 'name' || kind === 'label').map((column) => cellText(column, row))
  return searchableText([...texts, rowKey(row)].join('\n'))
}
