import { setChildren, isolatedText, h } from '../dom.ts'
import { formatCount, formatRate } from '../format.ts'
import { createScrollArea } from './card.ts'

export interface Column<Row> {
  readonly label: string
  readonly value: (row: Row) => string | number
  /** `name` = text of the tenant, `label` = text of the page. */
  readonly kind: 'name' | 'label' | 'count' | 'rate'
  /** Draws a bar of this fraction (0–1) behind the number. */
  readonly barShare?: (row: Row, rows: readonly Row[]) => number
}

export interface TableOptions<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** Shown instead of rows. */
  readonly emptyText?: string
  /** Makes the first column a button that narrows the view to the row. */
  readonly onSelect?: (row: Row) => void
  readonly selectLabel?: string
}

/** A table with row headers; names of any length and script stay within their cells. */
export function createTable<Row>({ caption, columns, emptyText, onSelect, selectLabel }: TableOptions<Row>) {
  const body = h('tbody')
  const head = columns.map(({ label, kind }) => h('th', { scope: 'col', class: kind }, label))
  const table = h('table', {}, h('caption', { class: 'spoken' }, caption), h('thead', {}, h('tr', {}, ...head)), body)
  return {
    element: createScrollArea(caption, table),
    show(rows: readonly Row[]) {
      if (rows.length === 0)
        return setChildren(
          body,
          h('tr', {}, h('td', { colspan: columns.length, class: 'none' }, emptyText ?? 'Nothing here.')),
        )
      const focused = [...body.rows].findIndex((row) => row.contains(document.activeElement))
      setChildren(
        body,
        ...rows.map((row) => h('tr', {}, ...columns.map((column, index) => cell(column, index, row, rows)))),
      )
      // Keeps the keyboard focus when the rows are replaced.
      if (focused !== -1) body.rows[Math.min(focused, rows.length - 1)]?.querySelector('button')?.focus()
    },
  }

  function cell({ kind, value, barShare }: Column<Row>, index: number, row: Row, rows: readonly Row[]): HTMLElement {
    const shown = formatCell(kind, value(row))
    if (barShare) return h('td', { class: kind }, createBar(barShare(row, rows)), h('span', { class: 'amount' }, shown))
    if (index > 0) return h('td', { class: kind }, shown)
    const selectRow = onSelect && (() => onSelect(row))
    return h(
      'th',
      { scope: 'row', class: kind },
      selectRow ? h('button', { type: 'button', class: 'link', title: selectLabel, click: selectRow }, shown) : shown,
    )
  }
}

function formatCell(kind: Column<unknown>['kind'], value: string | number): Node | string {
  if (kind === 'count') return formatCount(Number(value))
  if (kind === 'rate') return formatRate(Number(value))
  return kind === 'name' ? isolatedText(String(value)) : String(value)
}

function createBar(share: number): HTMLElement {
  const bar = h('span', { class: 'bar', 'aria-hidden': 'true' })
  bar.style.setProperty('--part', String(Math.min(1, Math.max(0, share))))
  return bar
}

/** A table as an alternative to a chart, created only when it is opened. */
export function createTableAlternative<Row>(options: TableOptions<Row>) {
  const table = createTable(options)
  let rows: readonly Row[] = []
  const element = h(
    'details',
    {
      class: 'alternative',
      toggle: () => {
        if (element.open) table.show(rows)
      },
    },
    h('summary', {}, 'Show as a table'),
    table.element,
  )
  return {
    element,
    show(next: readonly Row[]) {
      rows = next
      if (element.open) table.show(rows)
    },
  }
}
