import type { ReportRun } from '../ports.ts'
import type { Report } from '../report.ts'
import { localDateText } from '../schedule/planned-instants.ts'

/** What a mail of a report shows. */
export interface ReportMailContent {
  readonly report: Pick<Report, 'name' | 'description'>
  readonly run: Pick<ReportRun, 'asOf' | 'timezone' | 'blocks'>
  /** The zone of the schedule, in which its date is. */
  readonly timezone: string
  readonly isTest: boolean
  /** The page of the service. */
  readonly pageUrl: string
  readonly unsubscribeUrl: string | undefined
}

/** `Data as of 2026-11-29, 08:00 (Europe/Paris).` */
export function asOfText({ run, timezone }: Pick<ReportMailContent, 'run' | 'timezone'>): string {
  const time = new Date(run.asOf).toLocaleTimeString('sv-SE', { timeZone: timezone, timeStyle: 'short' })
  return `Data as of ${localDateText(timezone, run.asOf)}, ${time} (${timezone}).`
}
