/** What of a block a mail shows: mail programs cut a long mail off, and a telephone shows few columns. */
import type { BlockColumn, BlockRun, BlockTable } from '../ports.ts'

const MAX_ROWS = 31
/** Of a dashboard, whose columns nobody has chosen: its first ones, which are the counts. */
const MAX_DASHBOARD_COLUMNS = 8

export interface ShownTable extends BlockTable {
  /** A sentence about what is left out; undefined when nothing is. */
  readonly omitted: string | undefined
}

/** The first rows of a block, at most as many as it shows elsewhere. */
export function shownTable({ kind, table, rowLimit = MAX_ROWS }: BlockRun): ShownTable {
  const columns = shownColumns(table.columns, kind)
  const rows = table.rows.slice(0, Math.min(rowLimit, MAX_ROWS))
  return { columns, rows, omitted: omittedText(table.rows.length - rows.length) }
}

/** The totals above a table; undefined where the table has one row, which says the same. */
export function shownTotals({ kind, table, totals }: BlockRun): BlockTable | undefined {
  if (!totals || table.rows.length === 1) return undefined
  return { ...totals, columns: shownColumns(totals.columns, kind) }
}

/** Without ids whose names stand beside them. */
function shownColumns(columns: readonly BlockColumn[], kind: BlockRun['kind']): BlockColumn[] {
  const keys = new Set(columns.map(({ key }) => key))
  const hasName = (key: string) => key.endsWith('Id') && (keys.has(key.slice(0, -'Id'.length)) || keys.has('name'))
  const named = columns.filter(({ key }) => !hasName(key))
  return kind === 'dashboard' ? named.slice(0, MAX_DASHBOARD_COLUMNS) : named
}

function omittedText(rows: number): string | undefined {
  return rows > 0 ? `${rows} more ${rows === 1 ? 'row is' : 'rows are'} in the report.` : undefined
}
