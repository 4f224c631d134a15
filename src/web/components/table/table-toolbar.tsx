import type { Signal } from '@preact/signals'
import { formatCount } from '../../format/numbers.ts'
import { messages } from '../../messages/messages.ts'
import { Popover } from '../popover.tsx'
import type { Column } from './column.ts'
import { type ColumnChoice, isColumnShown, storeColumnChoice } from './column-choice.ts'
import type { TableState } from './table-state.ts'

interface TableToolbarProps<Row> {
  readonly id: string
  readonly caption: string
  readonly state: TableState
  readonly columns: readonly Column<Row>[]
  readonly rowCount: number
  /** The number of rows that match the search. */
  readonly matchCount: number
}

/** Shorter tables are seen at a glance. */
const MIN_SEARCHED_ROWS = 11
/** Narrower tables have no choice of columns. */
const MIN_CHOSEN_COLUMNS = 5

/** The search and the choice of columns above a table, as far as its size needs them. */
export function TableToolbar<Row>({ id, caption, state, columns, rowCount, matchCount }: TableToolbarProps<Row>) {
  const hasSearch = rowCount >= MIN_SEARCHED_ROWS || state.search.value !== ''
  const hasChoice = columns.length >= MIN_CHOSEN_COLUMNS
  if (!hasSearch && !hasChoice) return null
  return (
    <div class={hasSearch ? 'table-tools' : 'table-tools in-corner'}>
      {hasSearch && <TableSearch {...{ caption, search: state.search, rowCount, matchCount }} />}
      {hasChoice && <ColumnChooser tableId={id} columns={columns} choice={state.columnChoice} />}
    </div>
  )
}

interface TableSearchProps {
  readonly caption: string
  readonly search: Signal<string>
  readonly rowCount: number
  readonly matchCount: number
}

function TableSearch({ caption, search, rowCount, matchCount }: TableSearchProps) {
  const { table } = messages()
  const isSearched = search.value.trim() !== ''
  const rows = table.rows(formatCount(matchCount), formatCount(rowCount))
  return (
    <>
      <input
        type="search"
        class="table-search"
        aria-label={table.search(caption)}
        placeholder={table.searchPlaceholder}
        autocomplete="off"
        spellcheck={false}
        value={search}
        onInput={({ currentTarget }) => (search.value = currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || search.value === '') return
          event.preventDefault()
          event.stopPropagation()
          search.value = ''
        }}
      />
      <span class="table-count" aria-hidden={isSearched}>
        {rows}
      </span>
      {/* Announces the result of a search, but not every change of the number of rows. */}
      <span class="visually-hidden" role="status">
        {isSearched ? rows : ''}
      </span>
    </>
  )
}

interface ColumnChooserProps<Row> {
  readonly tableId: string
  readonly columns: readonly Column<Row>[]
  readonly choice: Signal<ColumnChoice>
}

function ColumnChooser<Row>({ tableId, columns, choice }: ColumnChooserProps<Row>) {
  const { table } = messages()
  const choose = (next: ColumnChoice) => {
    choice.value = next
    storeColumnChoice(tableId, next)
  }
  return (
    <Popover label={table.columns} class="column-chooser">
      {() => (
        <fieldset>
          <legend>{table.columns}</legend>
          {columns.map((column, index) => (
            <label key={column.id}>
              <input
                type="checkbox"
                checked={isColumnShown(column, index, choice.value)}
                disabled={index === 0}
                onChange={({ currentTarget }) => choose(new Map(choice.value).set(column.id, currentTarget.checked))}
              />
              <span>{column.label}</span>
            </label>
          ))}
          <p class="note">{table.firstColumnNote}</p>
          <button type="button" class="button" disabled={choice.value.size === 0} onClick={() => choose(new Map())}>
            {table.resetColumns}
          </button>
        </fieldset>
      )}
    </Popover>
  )
}
