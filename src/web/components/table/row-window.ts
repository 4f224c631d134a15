/** The arithmetic of a long table: only the rows near the visible part exist in the document, and empty rows of the same height replace the others. */

/** Rows from `start` up to, not including, `end`. */
export interface RowRange {
  readonly start: number
  readonly end: number
}

interface ScrollPosition {
  /** Pixels. */
  readonly scrollTop: number
  readonly viewportHeight: number
  readonly rowHeight: number
  readonly rowCount: number
}

/** The rows that exist beyond each edge of the visible part, so that a fast scroll shows no gap. */
const OVERSCAN_ROWS = 16
/** The range changes in steps, so that most scroll events draw nothing. */
const STEP_ROWS = 8

/** The rows that exist at a scroll position. */
export function rowRangeAt({ scrollTop, viewportHeight, rowHeight, rowCount }: ScrollPosition): RowRange {
  const last = Math.max(0, rowCount - 1)
  const first = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight)), last)
  const start = Math.floor((first - OVERSCAN_ROWS) / STEP_ROWS) * STEP_ROWS
  const visibleRows = Math.ceil(viewportHeight / rowHeight) + 1
  const end = Math.ceil((first + visibleRows + OVERSCAN_ROWS) / STEP_ROWS) * STEP_ROWS
  return { start: Math.max(0, start), end: Math.min(rowCount, end) }
}

/** The ranges of existing rows from top to bottom: a range and, outside of it, the row that has the focus. */
export function withPinnedRow(range: RowRange, pinned: number | undefined): readonly RowRange[] {
  if (pinned === undefined || (range.start <= pinned && pinned < range.end)) return [range]
  const row = { start: pinned, end: pinned + 1 }
  return pinned < range.start ? [row, range] : [range, row]
}

/** The row that a key leads to from another row; undefined for keys that do not move. `pageRows` is the number of visible rows. */
export function rowAfterKey(key: string, current: number, rowCount: number, pageRows: number): number | undefined {
  const targets: Readonly<Record<string, number>> = {
    ArrowUp: current - 1,
    ArrowDown: current + 1,
    PageUp: current - pageRows,
    PageDown: current + pageRows,
    Home: 0,
    End: rowCount - 1,
  }
  const target = targets[key]
  return target === undefined ? undefined : Math.min(Math.max(0, target), rowCount - 1)
}
