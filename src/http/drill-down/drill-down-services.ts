import type { FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import type { Snapshots } from '../../analytics/drill-down/snapshot.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { Clock } from '../../base/clock.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { requireScope } from '../auth/authenticator.ts'
import type { Scope } from '../auth/scopes.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import type { ExportQueue } from '../export/export-queue.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import { type AuthenticatedContext, authenticatedContextOf } from '../pipeline/request-context.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

/** The services that all drill-down routes of an app share. */
export interface DrillDownServices {
  readonly port: QueryPort
  readonly facts: FactsSource
  readonly snapshots: Snapshots
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly limits: TenantLimits
  readonly sender: ResponseSender
  /** Undefined on runtimes where no request may wait for another one. */
  readonly exportQueue: ExportQueue | undefined
}

/** The context of the framework, as far as a route reads it. The query and the body have been checked by their schemas. */
export interface RouteContext {
  readonly request: Request
  readonly query: unknown
  readonly body?: unknown
  readonly set: { readonly headers: Record<string, unknown> }
}

/** A read of single events, messages or contacts. */
export interface DrillDownRead {
  /** The query type of log lines, and the label of metrics. */
  readonly name: string
  readonly zoneName: string
  readonly range?: TimeRange
  /** The instant of the answer. */
  readonly now: number
  /** As for `TenantLimits.runQuery`; that of a small query by default. */
  readonly cost?: number
}

/** The context of a request, whose credential has the scope. */
export function authorized(request: Request, scope: Scope): AuthenticatedContext {
  const context = authenticatedContextOf(request)
  requireScope(context.principal, scope)
  return context
}

/** Reads within the limits of the tenant, and records the query. Rejects with what `read` rejects with, and with a LimitFailure. */
export async function readLimited<Result>(
  { limits, clock, logger, metrics }: DrillDownServices,
  { principal: { tenantId }, correlationId }: AuthenticatedContext,
  { name, range, cost = 1 }: DrillDownRead,
  read: () => Promise<Result>,
): Promise<Result> {
  const startedAt = clock.monotonic()
  const result = await limits.runQuery(tenantId, cost, read)
  const elapsedMs = clock.monotonic() - startedAt
  metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
  logger.info('[QUERY] analytics query', {
    tenantId,
    correlationId,
    queryType: name,
    ...(range && {
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
    }),
    duration: Math.round(elapsedMs),
  })
  return result
}

/** Sends data as JSON. Responses about single contacts are neither cached nor answered with 304: each one is a line of the audit trail. */
export async function sendData(
  { request, set }: RouteContext,
  services: DrillDownServices,
  { principal: { tenantId }, correlationId }: AuthenticatedContext,
  { zoneName, now }: DrillDownRead,
  data: object,
): Promise<Response> {
  const { limits, sender, facts } = services
  const meta: ResponseMeta = {
    correlationId,
    asOf: new Date(now).toISOString(),
    timezone: zoneName,
    rulesVersion: facts.active.rulesVersion,
  }
  const json = await jsonChunks(data, new TimeSlices())
  limits.chargeResponse(tenantId, byteLengthOf(json))
  Object.assign(set.headers, limits.headers(tenantId))
  const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
  return sender.send(request, { chunks, headers: { 'content-type': 'application/json; charset=utf-8' }, tenantId })
}
