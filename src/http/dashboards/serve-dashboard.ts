import { resolveComparison } from '../../analytics/comparison/comparison-request.ts'
import type { AnyDashboard } from '../../analytics/define-dashboard.ts'
import type { FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import { type PageRequest, UNLIMITED } from '../../analytics/query/list-page.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { requireTimeZone, resolveTimeRange } from '../../analytics/time/time-range.ts'
import type { Clock } from '../../base/clock.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { requireScope } from '../auth/authenticator.ts'
import type { ResponseCache } from '../cache/response-cache.ts'
import { NOT_MODIFIED_HEADERS, type RecentEntityTags } from '../cache/recent-entity-tags.ts'
import { csvStyleOf, type ExportParameters, requireTable } from '../export/export-parameters.ts'
import type { ExportQueue } from '../export/export-queue.ts'
import { createExportTask, exportHeaders } from '../export/export-request.ts'
import type { ExportWriter } from '../export/export-task.ts'
import { type ExportFormat, negotiateFormat } from '../export/response-format.ts'
import type { TenantLimits } from '../limits/tenant-limits.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import type { DataVersionSource } from '../ports.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'
import { ROUTES } from '../routes.ts'
import type { ResponseSender } from '../sending/response-sender.ts'
import type { ResponseMeta } from './dashboard-responses.ts'
import { decodeCursor, encodeCursor } from './page-cursor.ts'
import { comparisonValuesOf, filtersOf, listPageOf, queryKeyOf, representationOf } from './query-key.ts'
import { costOfDashboard, type DashboardQuery, readDashboard } from './read-dashboard.ts'

export interface DashboardDependencies {
  readonly port: QueryPort
  readonly versions: DataVersionSource
  readonly facts: FactsSource
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly writeExport: ExportWriter
}

/** The services that all dashboard routes of an app share. */
export interface DashboardServices extends DashboardDependencies {
  readonly cache: ResponseCache
  readonly limits: TenantLimits
  readonly entityTags: RecentEntityTags
  readonly sender: ResponseSender
  /** Undefined on runtimes where no request may wait for another one. */
  readonly exportQueue: ExportQueue | undefined
}

/** How long the response to a partial comparison is used while the data stays the same: its numbers change with the time of day at which both ranges are cut. */
export const PARTIAL_COMPARISON_LIFETIME_MS = 10_000

/** Buckets end at whole quarters of an hour, so that they become mature at such times. Events of the future begin to count in a response at the next of them. */
export const ENGAGEMENT_LIFETIME_MS = 900_000

/** The context of the framework, as far as a route reads it. Its query has been checked by the dashboard's schema. */
interface RouteContext {
  readonly request: Request
  readonly query: unknown
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

/**
 * Answers a request for a dashboard. While the tenant's data has not changed, a repeated query is answered from the cache, and with 304 to a client that has the response
 * already.
 */
export async function serveDashboard(
  { request, query: checkedQuery, set }: RouteContext,
  dashboard: AnyDashboard,
  services: DashboardServices,
): Promise<Response> {
  const query = checkedQuery as DashboardQuery & ExportParameters
  const { port, versions, cache, limits, entityTags, sender, exportQueue, writeExport, clock, logger, metrics } =
    services
  const context = authenticatedContextOf(request)
  const { principal, correlationId } = context
  const { name, preset, mainTable, dependsOnRules } = dashboard
  const { table = mainTable } = query
  const format = negotiateFormat(query.format, request.headers.get('accept'))
  if (format !== 'json') context.exportFormat = format
  const scope = format === 'json' ? ROUTES.dashboard.access : ROUTES.dashboard.fileAccess
  requireScope(principal, scope)
  const { tenantId } = principal
  const zone = requireTimeZone(query.timezone)
  const startedAt = clock.monotonic()
  const now = clock.now()
  const filters = filtersOf(query)
  const { timeRange, startDate, endDate } = query
  const pagedQuery = {
    tenantId,
    dashboard: name,
    parameters: { ...filters, timeRange, startDate, endDate, timezone: zone.name },
  }
  const cursor = query.cursor ? await decodeCursor(query.cursor, pagedQuery, now) : undefined
  const requestedOn = cursor?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const range = resolveTimeRange(query, preset, zone, requestedOn)
  const comparison = resolveComparison(query, range, zone)
  requireTable(table, comparison !== undefined)
  // A file holds all items, whatever page is requested.
  const page: PageRequest =
    format === 'json'
      ? {
          limit: query.limit,
          after: cursor?.after,
          encodeCursor: (after) => encodeCursor(pagedQuery, { requestedOn, after }),
        }
      : { limit: UNLIMITED }

  await versions.load(tenantId)
  const dataVersion = versions.of(tenantId)
  const { rulesNumber, rulesVersion } = services.facts.active
  const version = [
    dataVersion,
    ...(dependsOnRules ? [`r${rulesNumber}`, Math.floor(now / ENGAGEMENT_LIFETIME_MS)] : []),
    ...(comparison && range.end > now ? [Math.floor(now / PARTIAL_COMPARISON_LIFETIME_MS)] : []),
  ].join('.')
  const queryKey = queryKeyOf(name, {
    ...filters,
    ...range,
    timezone: zone.name,
    ...comparisonValuesOf(comparison),
    ...listPageOf(query, format),
  })
  // Weak, because the correlation id differs from response to response.
  const etag = `W/"${tenantId}/${version}/${queryKey}${representationOf(format, table, query)}"`
  const allowRevalidation = () => {
    Object.assign(set.headers, NOT_MODIFIED_HEADERS, limits.headers(tenantId), { etag })
    entityTags.remember(context, { etag, version: dataVersion, scope })
  }
  if (matchesEntityTag(etag, request.headers.get('if-none-match'))) {
    metrics.dashboardResponses.add(1, { source: 'unchanged' })
    set.status = 304
    allowRevalidation()
    return new Response(null, { status: 304 })
  }

  const granularity = query.granularity ?? 'day'
  const read = async () => {
    const { json, readAt, isRead } = await cache.get(tenantId, queryKey, version, async () => {
      const cost = costOfDashboard({ range, comparison }, granularity)
      const chunks = await limits.runQuery(tenantId, cost, async () => {
        const options = { query, tenantId, resolved: { range, zone, comparison }, page, asOf: now }
        return jsonChunks(await readDashboard({ port, facts: services.facts }, dashboard, options), new TimeSlices())
      })
      return { json: chunks, readAt: now }
    })
    const elapsedMs = clock.monotonic() - startedAt
    if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
    metrics.dashboardResponses.add(1, { source: isRead ? 'store' : 'cache' })
    logger.info('[QUERY] analytics query', {
      tenantId,
      correlationId,
      queryType: name,
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
      granularity,
      ...(comparison && { compare: comparison.compare }),
      format,
      duration: Math.round(elapsedMs),
    })
    limits.chargeResponse(tenantId, byteLengthOf(json))
    return { json, readAt }
  }
  const sendJson = async () => {
    const { json, readAt } = await read()
    const meta: ResponseMeta = {
      correlationId,
      asOf: new Date(readAt).toISOString(),
      timezone: zone.name,
      ...(dependsOnRules ? { rulesVersion } : {}),
    }
    const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const sendExport = async (fileFormat: ExportFormat) => {
    const exportRequest = {
      dashboard,
      format: fileFormat,
      table,
      range,
      zone,
      filters,
      granularity,
      comparison,
      csv: csvStyleOf(query),
    }
    const write = async () => writeExport(createExportTask(exportRequest, await read()))
    const chunks = await (exportQueue ? exportQueue.run(tenantId, write) : write())
    const headers = { ...exportHeaders(exportRequest), vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId, isCompressed: fileFormat === 'xlsx' })
  }
  const response = await (format === 'json' ? sendJson() : sendExport(format))
  allowRevalidation()
  return response
}
