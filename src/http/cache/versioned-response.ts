/** Responses that stay the same while the data of their tenant does: from the cache, with 304 to a client that has the response already, else read within the limits of the tenant. */
import { requireScope } from '../auth/authenticator.ts'
import type { Scope } from '../auth/scopes.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import { representationOf } from '../dashboards/query-key.ts'
import type { DashboardServices } from '../dashboards/serve-dashboard.ts'
import type { ExportParameters } from '../export/export-parameters.ts'
import type { ExportTask } from '../export/export-task.ts'
import { type ExportFormat, negotiateFormat, type ResponseFormat } from '../export/response-format.ts'
import type { AuthenticatedContext } from '../pipeline/request-context.ts'
import { byteLengthOf, type Chunks, encodeUtf8 } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'
import { NOT_MODIFIED_HEADERS } from './recent-entity-tags.ts'
import type { CachedResponse } from './response-cache.ts'

/** What the responses are made with. */
type VersionedServices = Pick<
  DashboardServices,
  'cache' | 'limits' | 'sender' | 'exportQueue' | 'writeExport' | 'clock' | 'logger' | 'metrics'
>

/** The context of the framework, as far as a route reads it. */
export interface VersionedContext {
  readonly request: Request
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

export interface VersionedRead {
  /** The query type of log lines, and the label of metrics. */
  readonly name: string
  /** Changes with the data that the response depends on. */
  readonly version: string
  /** The query in one spelling. */
  readonly queryKey: string
  /** As for `TenantLimits.runQuery`. */
  readonly cost: number
  readonly timezone: string
  /** Undefined where the response does not depend on the rules of classes. */
  readonly rulesVersion: number | undefined
  /** The present, epoch milliseconds. */
  readonly now: number
  /** Further fields of the log line. */
  readonly logged: Readonly<Record<string, unknown>>
  /** The data as JSON. The signal is aborted when no client waits for the response any more. */
  readonly read: (signal: AbortSignal) => Promise<Chunks>
  /** The file that is requested in place of the data. */
  readonly file?: VersionedFile
}

/** A file of what is read. */
export interface VersionedFile {
  readonly format: ExportFormat
  readonly parameters: ExportParameters
  readonly headers: Readonly<Record<string, string>>
  /** How the file is written. */
  readonly task: (answer: CachedResponse) => ExportTask
}

/** The format that a client asks for. Throws a failure for a file that its scopes do not permit. */
export function requestedFormat(
  { request }: VersionedContext,
  context: AuthenticatedContext,
  parameters: ExportParameters,
  { fileAccess }: { readonly fileAccess: Scope },
): ResponseFormat {
  const format = negotiateFormat(parameters.format, request.headers.get('accept'))
  if (format !== 'json') {
    context.exportFormat = format
    requireScope(context.principal, fileAccess)
  }
  return format
}

/** Sends the response of a request. Rejects with what `read` rejects with, and with a LimitFailure. */
export async function sendVersioned(
  { request, set }: VersionedContext,
  context: AuthenticatedContext,
  { cache, limits, sender, exportQueue, writeExport, clock, logger, metrics }: VersionedServices,
  { name, version, queryKey, cost, timezone, rulesVersion, now, logged, read, file }: VersionedRead,
): Promise<Response> {
  const { tenantId } = context.principal
  const startedAt = clock.monotonic()
  // Weak, because the correlation id differs from response to response.
  const representation = file ? representationOf(file.format, name, file.parameters) : ''
  const etag = `W/"${tenantId}/${version}/${queryKey}${representation}"`
  const allowRevalidation = () => Object.assign(set.headers, NOT_MODIFIED_HEADERS, limits.headers(tenantId), { etag })
  if (matchesEntityTag(etag, request.headers.get('if-none-match'))) {
    metrics.dashboardResponses.add(1, { source: 'unchanged' })
    set.status = 304
    allowRevalidation()
    return new Response(null, { status: 304 })
  }
  const readLimited = async (signal: AbortSignal) => ({
    json: await limits.runQuery(tenantId, cost, () => read(signal)),
    readAt: now,
  })
  const answer = async (): Promise<CachedResponse> => {
    const { json, readAt, isRead } = await cache.get(tenantId, queryKey, version, readLimited, context.request.signal)
    const elapsedMs = clock.monotonic() - startedAt
    if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
    metrics.dashboardResponses.add(1, { source: isRead ? 'store' : 'cache' })
    logger.info('[QUERY] analytics query', {
      tenantId,
      correlationId: context.correlationId,
      queryType: name,
      ...logged,
      format: file?.format ?? 'json',
      duration: Math.round(elapsedMs),
    })
    limits.chargeResponse(tenantId, byteLengthOf(json))
    return { json, readAt }
  }
  const sendJson = async () => {
    const { json, readAt } = await answer()
    const meta: ResponseMeta = {
      correlationId: context.correlationId,
      asOf: new Date(readAt).toISOString(),
      timezone,
      ...(rulesVersion === undefined ? {} : { rulesVersion }),
    }
    const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const sendFile = async ({ format, headers: fileHeaders, task }: VersionedFile) => {
    const write = async () => writeExport(task(await answer()))
    const chunks = await (exportQueue ? exportQueue.run(tenantId, write) : write())
    const headers = { ...fileHeaders, vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId, isCompressed: format === 'xlsx' })
  }
  const response = await (file ? sendFile(file) : sendJson())
  allowRevalidation()
  return response
}
