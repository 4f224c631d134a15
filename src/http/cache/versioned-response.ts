/** Responses that stay the same while the data of their tenant does: from the cache, with 304 to a client that has the response already, else read within the limits of the tenant. */
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import type { AuthenticatedContext } from '../pipeline/request-context.ts'
import { byteLengthOf, type Chunks, encodeUtf8 } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'
import type { ResponseSender } from '../sending/response-sender.ts'
import { NOT_MODIFIED_HEADERS } from './recent-entity-tags.ts'
import type { ResponseCache } from './response-cache.ts'

export interface VersionedServices {
  readonly port: QueryPort
  readonly cache: ResponseCache
  readonly limits: TenantLimits
  readonly sender: ResponseSender
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

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
}

/** Sends the response of a request. Rejects with what `read` rejects with, and with a LimitFailure. */
export async function sendVersioned(
  { request, set }: VersionedContext,
  context: AuthenticatedContext,
  { cache, limits, sender, clock, logger, metrics }: VersionedServices,
  { name, version, queryKey, cost, timezone, rulesVersion, now, logged, read }: VersionedRead,
): Promise<Response> {
  const { tenantId } = context.principal
  const startedAt = clock.monotonic()
  // Weak, because the correlation id differs from response to response.
  const etag = `W/"${tenantId}/${version}/${queryKey}"`
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
  const { json, readAt, isRead } = await cache.get(tenantId, queryKey, version, readLimited, context.request.signal)
  const elapsedMs = clock.monotonic() - startedAt
  if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
  metrics.dashboardResponses.add(1, { source: isRead ? 'store' : 'cache' })
  logger.info('[QUERY] analytics query', {
    tenantId,
    correlationId: context.correlationId,
    queryType: name,
    ...logged,
    duration: Math.round(elapsedMs),
  })
  limits.chargeResponse(tenantId, byteLengthOf(json))
  const meta: ResponseMeta = {
    correlationId: context.correlationId,
    asOf: new Date(readAt).toISOString(),
    timezone,
    ...(rulesVersion === undefined ? {} : { rulesVersion }),
  }
  const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
  const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
  const response = sender.send(request, { chunks, headers, tenantId })
  allowRevalidation()
  return response
}
