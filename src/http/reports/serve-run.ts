/** Answers a run of a report: now, and within the limits of the tenant. */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { Report } from '../../reports/report.ts'
import { NOT_MODIFIED_HEADERS } from '../cache/recent-entity-tags.ts'
import { requestedFormat } from '../cache/versioned-response.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import { csvStyleOf, type ExportParameters } from '../export/export-parameters.ts'
import { type ExportFormat, MEDIA_TYPES } from '../export/response-format.ts'
import { authenticatedContextOf, type AuthenticatedContext } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import { requireScope } from '../auth/authenticator.ts'
import { resolveBlocks } from './block-request.ts'
import { answered } from '../definitions/definition-requests.ts'
import { writeReportFile } from './report-file.ts'
import { costOfBlocks, runBlocks } from './run-blocks.ts'
import { type ReportContext, REPORTS, type ReportServices, withBlock } from './serve-reports.ts'

/** The query type of log lines, and the label of metrics. */
const NAME = 'report'

/** The query has been checked by the schema. */
interface RunContext extends ReportContext {
  readonly query: ExportParameters & { readonly block?: number | undefined }
}

export async function serveRun(context: RunContext, services: ReportServices): Promise<Response> {
  const { request, query, set } = context
  const authorization = authenticatedContextOf(request)
  const { principal } = authorization
  requireScope(principal, ROUTES.reportRun.access)
  const format = requestedFormat(context, authorization, query, ROUTES.reportRun)
  const stored = await answered('report', () => REPORTS.find(services, principal.tenantId, context))
  const report = withBlock(stored.body, query.block)
  const asOf = services.clock.now()
  const response = await (format === 'json'
    ? sendJson(context, services, authorization, report, asOf)
    : sendFile(context, services, authorization, { report, asOf, format }))
  Object.assign(set.headers, services.limits.headers(principal.tenantId))
  return response
}

async function run(
  services: ReportServices,
  { principal: { tenantId }, request, correlationId }: AuthenticatedContext,
  report: Report,
  { asOf, format }: { readonly asOf: number; readonly format: ExportFormat | 'json' },
) {
  const { limits, clock, logger, metrics } = services
  const startedAt = clock.monotonic()
  const blocks = resolveBlocks(report, asOf)
  const options = { tenantId, asOf, hasAllRows: format !== 'json', signal: request.signal }
  const result = await limits.runQuery(tenantId, costOfBlocks(blocks), () =>
    runBlocks(services, report, blocks, options),
  )
  const elapsedMs = clock.monotonic() - startedAt
  metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: NAME })
  logger.info('[QUERY] analytics query', {
    tenantId,
    correlationId,
    queryType: NAME,
    blocks: blocks.map(({ kind }) => kind).join(),
    format,
    duration: Math.round(elapsedMs),
  })
  return result
}

async function sendJson(
  { request }: RunContext,
  services: ReportServices,
  authorization: AuthenticatedContext,
  report: Report,
  asOf: number,
): Promise<Response> {
  const { tenantId } = authorization.principal
  const { blocks } = await run(services, authorization, report, { asOf, format: 'json' })
  const meta: ResponseMeta = {
    correlationId: authorization.correlationId,
    asOf: new Date(asOf).toISOString(),
    timezone: report.timezone,
    rulesVersion: services.facts.active.rulesVersion,
  }
  const shown = { blocks: blocks.map(({ title, kind, chart, data }) => ({ title, kind, chart, data })) }
  const json = await jsonChunks(shown, new TimeSlices())
  services.limits.chargeResponse(tenantId, byteLengthOf(json))
  const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
  const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
  return services.sender.send(request, { chunks, headers, tenantId })
}

async function sendFile(
  { request, query }: RunContext,
  services: ReportServices,
  authorization: AuthenticatedContext,
  { report, asOf, format }: { readonly report: Report; readonly asOf: number; readonly format: ExportFormat },
): Promise<Response> {
  const { exportQueue, writeExport, limits, sender } = services
  const { tenantId } = authorization.principal
  const write = async () => {
    const result = await run(services, authorization, report, { asOf, format })
    return writeReportFile({ report, run: result, format, csv: csvStyleOf(query) }, writeExport)
  }
  const chunks = await (exportQueue ? exportQueue.run(tenantId, write) : write())
  limits.chargeResponse(tenantId, byteLengthOf(chunks))
  const day = new Date(asOf).toISOString().slice(0, 10)
  const headers = {
    'content-type': format === 'csv' ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES.xlsx,
    // Without the name of the report, which is free text.
    'content-disposition': `attachment; filename="outreach-report-${day}.${format}"`,
    vary: NOT_MODIFIED_HEADERS.vary,
  }
  return sender.send(request, { chunks, headers, tenantId, isCompressed: format === 'xlsx' })
}
