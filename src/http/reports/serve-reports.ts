/** Answers the requests for reports. */
import { ApiFailure, invalidParameter } from '../../base/errors.ts'
import { type Report, reportMistakes, type ReportRequest, type ReportStore } from '../../reports/report.ts'
import type { ScheduleStore } from '../../reports/schedule/schedule.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { ROUTES } from '../routes.ts'
import { resolveBlocks } from './block-request.ts'
import { answered, authorizedFor, sendDefinition } from '../definitions/definition-requests.ts'
import { type ItemContext, serveDefinitions } from '../definitions/serve-definitions.ts'
import { reportDataOf, reportSummaryOf, reportVersionOf } from './report-data.ts'

export interface ReportServices extends DashboardServices {
  readonly reports: ReportStore
  readonly schedules: ScheduleStore
}

export type ReportContext = ItemContext<'reportId'>

export const REPORTS = serveDefinitions<ReportServices, Report, ReportRequest, 'reportId'>({
  kind: 'report',
  collection: ROUTES.reports,
  item: ROUTES.report,
  parameter: 'reportId',
  storeOf: ({ reports }) => reports,
  storable({ clock }, _, report) {
    requireValid(report, clock.now())
    return report
  },
  dataOf: (_, report) => reportDataOf(report),
  listOf: (_, reports) => ({ reports: reports.map(reportSummaryOf) }),
  // The part of a report without its texts.
  auditedBody: ({ blocks }) => `blocks=${blocks.map(({ kind }) => kind).join()}`,
  requireRemovable: requireUnscheduled,
})

export function serveReportVersions(context: ReportContext, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.reportVersions.access)
  return answered('report', async () => {
    const versions = await services.reports.versions(authorization.principal.tenantId, context.params.reportId)
    return sendDefinition(context, services, authorization, { versions: versions.map(reportVersionOf) })
  })
}

/** Throws a VALIDATION_ERROR with the path of each mistake. */
function requireValid(report: ReportRequest, now: number): void {
  const mistakes = reportMistakes(report)
  if (mistakes.length > 0) throw invalidBody(mistakes)
  resolveBlocks(report, now)
}

/** Throws CONFLICT while schedules send the report. */
function requireUnscheduled({ schedules }: ReportServices, tenantId: string, reportId: string): void {
  const using = schedules.list(tenantId).filter(({ body }) => body.reportId === reportId)
  if (using.length === 0) return
  const details = using.slice(0, 20).map(({ id }) => ({ path: 'schedules', message: `The schedule ${id} sends it.` }))
  throw new ApiFailure(
    'CONFLICT',
    'Schedules send this report. Delete them before, or let them send another one.',
    details,
  )
}

/** The report with one of its blocks alone. Throws a VALIDATION_ERROR when it has no such block. */
export function withBlock(report: Report, index: number | undefined): Report {
  if (index === undefined) return report
  const block = report.blocks[index]
  if (!block) throw invalidParameter('block', `The report has the blocks 0 to ${report.blocks.length - 1}.`)
  return { ...report, blocks: [block] }
}
