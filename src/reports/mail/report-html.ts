/**
 * The report as HTML for mail programs: tables for the layout, styles on each element, because some programs drop style sheets, and one style sheet with the colours of dark
 * mode for those that do not. Bars are cells. Nothing is loaded from elsewhere.
 */
import { linesOf, oneLine } from '../../base/texts/one-line.ts'
import type { BlockColumn, BlockRun, BlockTable } from '../ports.ts'
import { barPercent, cellText, chartedColumn, isMeasure, isNumeric, largestOf } from './cell-text.ts'
import { type Html, markup } from './html-text.ts'
import { DARK_STYLES, STYLES } from './mail-styles.ts'
import { type ShownTable, shownTable, shownTotals } from './shown-table.ts'
import { asOfText, type ReportMailContent } from './report-mail-content.ts'

/** More numbers than that are smaller. */
const BIG_NUMBERS = 2
const NUMBERS_PER_LINE = 3

export function reportHtml(content: ReportMailContent): string {
  const { report, run, isTest, pageUrl, unsubscribeUrl } = content
  const name = oneLine(report.name)
  const parts = [
    isTest ? markup`<p class="note" style="${STYLES.note}">This is a test of the schedule.</p>\n` : undefined,
    markup`<h1 class="text" style="${STYLES.h1}">${name}</h1>\n`,
    report.description
      ? markup`<p class="text" style="${STYLES.text}">${paragraphOf(report.description)}</p>\n`
      : undefined,
    markup`<p class="faint" style="${STYLES.faint}">${asOfText(content)}</p>\n`,
    run.blocks.map((block) => blockHtml(block, run.timezone)),
  ]
  const links = [
    linkHtml(pageUrl, 'Open the dashboards'),
    unsubscribeUrl === undefined ? undefined : markup` · ${linkHtml(unsubscribeUrl, 'Unsubscribe from this report')}`,
  ]
  return markup`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${name}</title>
<style>
${DARK_STYLES}
</style>
</head>
<body class="page" style="${STYLES.page}">
<table role="presentation" width="100%" class="page" style="${STYLES.outer}"><tbody><tr><td style="${STYLES.margin}">
<table role="presentation" width="100%" class="card" style="${STYLES.card}"><tbody><tr><td style="${STYLES.inside}">
${parts}</td></tr></tbody></table>
<p class="faint" style="${STYLES.footer}">${links}</p>
</td></tr></tbody></table>
</body>
</html>
`.source
}

function linkHtml(url: string, text: string): Html {
  return markup`<a class="link" style="${STYLES.link}" href="${url}">${text}</a>`
}

function blockHtml(block: BlockRun, timezone: string): Html {
  const totals = shownTotals(block)
  const table = shownTable(block)
  return markup`<h2 class="text" style="${STYLES.h2}">${oneLine(block.title)}</h2>
${totals && numbersHtml(totals, timezone)}${contentHtml(block, table, timezone)}`
}

function contentHtml({ chart }: BlockRun, table: ShownTable, timezone: string): Html {
  if (table.rows.length === 0) return markup`<p class="faint" style="${STYLES.faint}">No data.</p>\n`
  if (chart === 'number' && table.rows.length === 1) return numbersHtml(table, timezone)
  return tableHtml(table, timezone, chart === 'table' || chart === 'number' ? undefined : chartedColumn(table, chart))
}

/** The numbers of the only row, each with its heading, a few beside each other. */
function numbersHtml({ columns, rows: [row = {}] }: BlockTable, timezone: string): Html {
  const numbers = columns.filter(isMeasure)
  const big = numbers.length <= BIG_NUMBERS ? STYLES.bigNumber : STYLES.smallNumber
  const cells = numbers.map((column) => {
    const number = cellText(row[column.key], column, timezone)
    const heading = markup`<span class="faint" style="${STYLES.small}">${column.heading}</span>`
    return markup`<td style="${STYLES.number}"><span class="text" style="${big}">${number}</span><br>${heading}</td>\n`
  })
  const lines = Array.from(
    { length: Math.ceil(cells.length / NUMBERS_PER_LINE) },
    (_, line) => markup`<tr>\n${cells.slice(line * NUMBERS_PER_LINE, (line + 1) * NUMBERS_PER_LINE)}</tr>\n`,
  )
  return markup`<table role="presentation"><tbody>\n${lines}</tbody></table>\n`
}

/** `charted`: the column that is also drawn as bars. */
function tableHtml({ columns, rows, omitted }: ShownTable, timezone: string, charted: BlockColumn | undefined): Html {
  const largest = charted ? largestOf(rows, charted) : 0
  const headings = columns.map((column) => {
    const style = isNumeric(column) ? STYLES.numberHeading : STYLES.heading
    return markup`<th scope="col" class="line faint" style="${style}">${column.heading}</th>`
  })
  const bars = charted && markup`<td class="line" style="${STYLES.heading}"></td>`
  const lines = rows.map((row) => {
    const cells = columns.map((column) => cellHtml(cellText(row[column.key], column, timezone), column))
    return markup`<tr>${cells}${charted && barHtml(barPercent(row[charted.key], largest))}</tr>\n`
  })
  return markup`<table width="100%" style="${STYLES.table}">
<thead><tr>${headings}${bars}</tr></thead>
<tbody>
${lines}</tbody></table>
${omitted && markup`<p class="faint" style="${STYLES.faint}">${omitted}</p>\n`}`
}

function cellHtml(text: string, column: BlockColumn): Html {
  const style = isNumeric(column) ? STYLES.numberCell : STYLES.cell
  return markup`<td class="line text" dir="auto" style="${style}">${text}</td>`
}

/** A bar repeats the number beside it, so programs that read the mail aloud leave it out. */
function barHtml(percent: number): Html {
  const bar = markup`<td width="${percent}%" class="bar" style="${STYLES.bar}">&nbsp;</td>`
  const cells = [percent > 0 ? bar : undefined, percent < 100 ? markup`<td></td>` : undefined]
  return markup`<td width="30%" class="line" aria-hidden="true" style="${STYLES.barCell}"><table role="presentation" width="100%" style="${STYLES.table}"><tbody><tr>${cells}</tr></tbody></table></td>`
}

function paragraphOf(text: string): Html[] {
  return linesOf(text).map((line, index) => markup`${index === 0 ? undefined : markup`<br>`}${line}`)
}
