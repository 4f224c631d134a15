/** Answers requests whose data depends only on their body and on the data of the tenant: queries, funnels and cohorts. */
import { formatInstant } from '../../analytics/time/buckets.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { TimeZone } from '../../base/time-zone.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requireScope } from '../auth/authenticator.ts'
import type { Scope } from '../auth/scopes.ts'
import { NOT_MODIFIED_HEADERS } from '../cache/recent-entity-tags.ts'
import type { CachedResponse } from '../cache/response-cache.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import { representationOf } from '../dashboards/query-key.ts'
import { type DashboardServices, ENGAGEMENT_LIFETIME_MS } from '../dashboards/serve-dashboard.ts'
import type { ExportParameters } from '../export/export-parameters.ts'
import type { ExportTask } from '../export/export-task.ts'
import { type ExportFormat, negotiateFormat, type ResponseFormat } from '../export/response-format.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'

/** The context of the framework, as far as these routes read it. */
export interface AnswerContext {
  readonly request: Request
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

/** A request that has been validated. */
export interface AnswerRequest {
  /** The query type of log lines, and the label of metrics. */
  readonly name: string
  /** Everything in the request that the data depends on, the resolved range included. */
  readonly identity: unknown
  /** Further parts of the version of the data: the response is used while none of them changes. */
  readonly version?: readonly (string | number)[]
  readonly range: TimeRange
  readonly zone: TimeZone
  /** The instant of the answer, epoch milliseconds. */
  readonly now: number
  /** Whether the data depends on the facts of messages, and thus on the rules of classes. */
  readonly isOfFacts: boolean
  /** What `queryCost` returns, or more. */
  readonly cost: number
  /** Further fields of the log line. */
  readonly logged: Readonly<Record<string, unknown>>
  /** Reads the data. Its signal is aborted when no client waits for it any more. */
  readonly read: (signal: AbortSignal) => Promise<object>
  /** The file that is requested in place of the data. */
  readonly file?: AnswerFile
}

/** A file of an answer. */
export interface AnswerFile {
  readonly format: ExportFormat
  readonly parameters: ExportParameters
  readonly headers: Readonly<Record<string, string>>
  /** How the file is written from what is read. */
  readonly task: (answer: CachedResponse) => ExportTask
}

/** A route whose answers are files too. */
interface FileRoute {
  readonly fileAccess: Scope
}

/** The format that a client asks for. Throws a failure for a file that its scopes do not permit. */
export function requestedFormat(request: Request, parameters: ExportParameters, route: FileRoute): ResponseFormat {
  const context = authenticatedContextOf(request)
  const format = negotiateFormat(parameters.format, request.headers.get('accept'))
  if (format !== 'json') {
    context.exportFormat = format
    requireScope(context.principal, route.fileAccess)
  }
  return format
}

/** Answers a request. While the tenant's data has not changed, a repeated one is answered from the cache, and with 304 to a client that has the response already. */
export async function serveAnswer(
  { request, set }: AnswerContext,
  services: DashboardServices,
  { name, identity, version: parts = [], range, zone, now, isOfFacts, cost, logged, read, file }: AnswerRequest,
): Promise<Response> {
  const { versions, cache, limits, sender, exportQueue, writeExport, clock, logger, metrics } = services
  const { principal, correlationId } = authenticatedContextOf(request)
  const { tenantId } = principal
  const startedAt = clock.monotonic()
  await versions.load(tenantId)
  const { rulesNumber, rulesVersion } = services.facts.active
  const version = [
    versions.of(tenantId),
    ...(isOfFacts ? [`r${rulesNumber}`, Math.floor(now / ENGAGEMENT_LIFETIME_MS)] : []),
    ...parts,
  ].join('.')
  const key = `${name}?${await digestOf(identity)}`
  // Weak, because the correlation id differs from response to response.
  const etag = `W/"${tenantId}/${version}/${key}${file ? representationOf(file.format, name, file.parameters) : ''}"`
  const allowRevalidation = () => Object.assign(set.headers, NOT_MODIFIED_HEADERS, limits.headers(tenantId), { etag })
  if (matchesEntityTag(etag, request.headers.get('if-none-match'))) {
    metrics.dashboardResponses.add(1, { source: 'unchanged' })
    set.status = 304
    allowRevalidation()
    return new Response(null, { status: 304 })
  }

  const readLimited = async (signal: AbortSignal) => ({
    json: await limits.runQuery(tenantId, cost, async () => jsonChunks(await read(signal), new TimeSlices())),
    readAt: now,
  })
  const answer = async (): Promise<CachedResponse> => {
    const { json, readAt, isRead } = await cache.get(tenantId, key, version, readLimited, request.signal)
    const elapsedMs = clock.monotonic() - startedAt
    if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
    metrics.dashboardResponses.add(1, { source: isRead ? 'store' : 'cache' })
    logger.info('[QUERY] analytics query', {
      tenantId,
      correlationId,
      queryType: name,
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
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
      correlationId,
      asOf: new Date(readAt).toISOString(),
      timezone: zone.name,
      ...(isOfFacts ? { rulesVersion } : {}),
    }
    const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const sendFile = async ({ format, headers, task }: AnswerFile) => {
    const write = async () => writeExport(task(await answer()))
    const chunks = await (exportQueue ? exportQueue.run(tenantId, write) : write())
    const fileHeaders = { ...headers, vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers: fileHeaders, tenantId, isCompressed: format === 'xlsx' })
  }
  const response = await (file ? sendFile(file) : sendJson())
  allowRevalidation()
  return response
}

/** A range as responses have it. */
export function rangeText({ start, end }: TimeRange): { start: string; end: string } {
  return { start: formatInstant(start), end: formatInstant(end) }
}
