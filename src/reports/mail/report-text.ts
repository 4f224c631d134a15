import { linesOf, oneLine } from '../../base/texts/one-line.ts'
import type { BlockRun, BlockTable } from '../ports.ts'
import { cellText, isMeasure, isNumeric } from './cell-text.ts'
import { shownTable, shownTotals } from './shown-table.ts'
import { asOfText, type ReportMailContent } from './report-mail-content.ts'

/** A longer cell is cut: lines stay readable where they are wrapped. */
const MAX_CELL = 40

/** The report as text, with its tables in columns. */
export function reportText(content: ReportMailContent): string {
  const { report, run, isTest, pageUrl, unsubscribeUrl } = content
  const parts = [
    ...(isTest ? ['This is a test of the schedule.'] : []),
    underlined(report.name, '='),
    ...(report.description ? [linesOf(report.description).join('\n')] : []),
    asOfText(content),
    ...run.blocks.map((block) => blockText(block, run.timezone)),
    `Open the dashboards: ${pageUrl}`,
    ...(unsubscribeUrl === undefined ? [] : [`Unsubscribe from this report: ${unsubscribeUrl}`]),
  ]
  return `${parts.join('\n\n')}\n`
}

function blockText(block: BlockRun, timezone: string): string {
  const totals = shownTotals(block)
  const { columns, rows, omitted } = shownTable(block)
  const parts = [
    underlined(block.title, '-'),
    ...(totals ? totalLines(totals, timezone) : []),
    ...(rows.length > 0 ? tableLines({ columns, rows }, timezone) : ['No data.']),
    ...(omitted === undefined ? [] : [omitted]),
  ]
  return parts.join('\n')
}

/** A line for each number, and an empty one. */
function totalLines({ columns, rows: [row = {}] }: BlockTable, timezone: string): string[] {
  const lines = columns
    .filter(isMeasure)
    .map((column) => `${column.heading}: ${cellText(row[column.key], column, timezone)}`)
  return [...lines, '']
}

function tableLines({ columns, rows }: BlockTable, timezone: string): string[] {
  const lines = [
    columns.map(({ heading }) => cut(heading)),
    ...rows.map((row) => columns.map((column) => cut(cellText(row[column.key], column, timezone)))),
  ]
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => lengthOf(line[index]!))))
  return lines.map((line) =>
    line
      .map((cell, index) => pad(cell, widths[index]!, isNumeric(columns[index]!)))
      .join('  ')
      .trimEnd(),
  )
}

function underlined(text: string, line: string): string {
  const heading = oneLine(text)
  return `${heading}\n${line.repeat(Math.min(72, lengthOf(heading)))}`
}

function cut(text: string): string {
  return lengthOf(text) > MAX_CELL
    ? `${Array.from(text)
        .slice(0, MAX_CELL - 1)
        .join('')}…`
    : text
}

function pad(text: string, width: number, toTheRight: boolean): string {
  const space = ' '.repeat(width - lengthOf(text))
  return toTheRight ? space + text : text + space
}

function lengthOf(text: string): number {
  return Array.from(text).length
}
