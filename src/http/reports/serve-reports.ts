/** Answers the requests for reports. */
import { ApiFailure, invalidParameter } from '../../base/errors.ts'
import type { Definition } from '../../definitions/ports.ts'
import { type Report, reportMistakes, type ReportRequest, type ReportStore } from '../../reports/report.ts'
import type { ScheduleStore } from '../../reports/schedule/schedule.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import { invalidBody } from '../pipeline/json-body.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { resolveBlocks } from './block-request.ts'
import {
  answered,
  authorizedFor,
  type DefinitionContext,
  entityTagOf,
  expectedRevision,
  requireFound,
  sendDefinition,
} from './definition-requests.ts'
import { reportDataOf, reportSummaryOf, reportVersionOf } from './report-data.ts'

export interface ReportServices extends DashboardServices {
  readonly reports: ReportStore
  readonly schedules: ScheduleStore
}

export interface ReportContext extends DefinitionContext {
  readonly params: { readonly reportId: string }
}

/** The body has been checked by the schema. */
interface WithBody {
  readonly body: ReportRequest
}

const KIND = 'report'

export function serveReportList(context: DefinitionContext, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.reports.access)
  return answered(KIND, async () => {
    const reports = services.reports.list(authorization.principal.tenantId).map(reportSummaryOf)
    return sendDefinition(context, services, authorization, { reports })
  })
}

export function serveNewReport(context: DefinitionContext & WithBody, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.reports.changeAccess)
  const { body } = context
  authorization.auditedBody = auditedReport(body)
  requireValid(body, services.clock.now())
  return answered(KIND, async () => {
    const created = await services.reports.create(authorization.principal.tenantId, body)
    return sendReport(context, services, created, 201)
  })
}

export function serveReport(context: ReportContext, services: ReportServices): Promise<Response> {
  const { principal } = authorizedFor(context.request, ROUTES.report.access)
  return answered(KIND, async () =>
    sendReport(context, services, await findReport(services, principal.tenantId, context)),
  )
}

export function serveReportChange(context: ReportContext & WithBody, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.report.changeAccess)
  const { tenantId } = authorization.principal
  const { body } = context
  authorization.auditedBody = auditedReport(body)
  return answered(KIND, async () => {
    const current = await findReport(services, tenantId, context)
    const revision = expectedRevision(context.request, current)
    requireValid(body, services.clock.now())
    return sendReport(context, services, await services.reports.replace(tenantId, current.id, body, revision))
  })
}

export function serveReportRemoval(context: ReportContext, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.report.changeAccess)
  const { tenantId } = authorization.principal
  return answered(KIND, async () => {
    const { id, ...current } = await findReport(services, tenantId, context)
    const revision = expectedRevision(context.request, { id, ...current })
    requireUnscheduled(services, tenantId, id)
    await services.reports.remove(tenantId, id, revision)
    return sendDefinition(context, services, authorization, { id })
  })
}

export function serveReportVersions(context: ReportContext, services: ReportServices): Promise<Response> {
  const authorization = authorizedFor(context.request, ROUTES.reportVersions.access)
  return answered(KIND, async () => {
    const versions = await services.reports.versions(authorization.principal.tenantId, context.params.reportId)
    return sendDefinition(context, services, authorization, { versions: versions.map(reportVersionOf) })
  })
}

/** The report of a request. Throws NOT_FOUND, also when it is another tenant's. */
export async function findReport(
  { reports }: Pick<ReportServices, 'reports'>,
  tenantId: string,
  { params }: Pick<ReportContext, 'params'>,
): Promise<Definition<Report>> {
  return requireFound(await reports.find(tenantId, params.reportId), KIND)
}

function sendReport(
  context: DefinitionContext,
  services: ReportServices,
  report: Definition<Report>,
  status = 200,
): Promise<Response> {
  const authorization = authenticatedContextOf(context.request)
  return sendDefinition(context, services, authorization, reportDataOf(report), { etag: entityTagOf(report), status })
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

/** The part of a report without its texts. */
function auditedReport({ blocks }: ReportRequest): string {
  return `blocks=${blocks.map(({ kind }) => kind).join()}`
}

/** The report with one of its blocks alone. Throws a VALIDATION_ERROR when it has no such block. */
export function withBlock(report: Report, index: number | undefined): Report {
  if (index === undefined) return report
  const block = report.blocks[index]
  if (!block) throw invalidParameter('block', `The report has the blocks 0 to ${report.blocks.length - 1}.`)
  return { ...report, blocks: [block] }
}
