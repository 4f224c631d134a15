import { formatCount, formatRate } from '../../format/numbers.ts'
import type { Column } from './column.ts'

/** The text of a cell; null where there is no data. */
export function cellText<Row>({ kind, value, text, format }: Column<Row>, row: Row): string | null {
  const content = value(row)
  if (content === null) return null
  return text ? text(row) : formatValue({ kind, format }, content)
}

export function formatValue({ kind, format }: Pick<Column<never>, 'kind' | 'format'>, value: string | number): string {
  if (format && typeof value === 'number') return format(value)
  if (kind === 'count') return formatCount(Number(value))
  return kind === 'rate' ? formatRate(Number(value)) : String(value)
}

export function isNumeric({ kind }: Pick<Column<never>, 'kind'>): boolean {
  return kind === 'count' || kind === 'rate'
}

/** The largest number of a column; 0 without any. */
export function largestValue<Row>({ value }: Column<Row>, rows: readonly Row[]): number {
  return rows.reduce((largest, row) => Math.max(largest, Number(value(row) ?? 0)), 0)
}
