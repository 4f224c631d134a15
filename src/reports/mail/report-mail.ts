/** The mail of a report: subject, HTML, and the same as text. */
import type { BlockRun } from '../ports.ts'
import { isMeasure } from './cell-text.ts'
import { localDateText } from '../schedule/planned-instants.ts'
import type { ReportMailContent } from './report-mail-content.ts'
import { reportHtml } from './report-html.ts'
import { reportText } from './report-text.ts'

export interface ReportMailTexts {
  readonly subject: string
  readonly text: string
  readonly html: string
}

export function reportMail(content: ReportMailContent): ReportMailTexts {
  return { subject: subjectOf(content), text: reportText(content), html: reportHtml(content) }
}

function subjectOf({ report, run, timezone, isTest }: ReportMailContent): string {
  return `${isTest ? '[Test] ' : ''}${report.name} – ${localDateText(timezone, run.asOf)}`
}

/** Whether every number that a report measures is 0 or missing. */
export function isEmptyRun(blocks: readonly Pick<BlockRun, 'table'>[]): boolean {
  return blocks.every(({ table: { columns, rows } }) =>
    rows.every((row) => columns.filter(isMeasure).every(({ key }) => (row[key] ?? 0) === 0)),
  )
}
