import { type Static, type TObject, Type } from '@sinclair/typebox'
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { Dashboard } from '../../analytics/dashboard.ts'
import { UNLIMITED, type PageRequest } from '../../analytics/query/list-page.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import { instant, object, text } from '../../analytics/schemas.ts'
import {
  requireTimeZone,
  resolveTimeRange,
  type TimeRangePreset,
  type TimeRangeRequest,
} from '../../analytics/time/time-range.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { ResponseCache } from '../cache/response-cache.ts'
import { EXPORT_SCOPE, READ_SCOPE, requireScope } from '../auth/authenticator.ts'
import { ErrorResponse } from '../pipeline/error-response.ts'
import { exportHeaders, createExportTask } from '../export/export-request.ts'
import { csvStyleOf, type ExportParameters } from '../export/export-parameters.ts'
import type { ExportQueue } from '../export/export-queue.ts'
import type { ExportWriter } from '../export/export-task.ts'
import { negotiateFormat, type ExportFormat, type ResponseFormat } from '../export/response-format.ts'
import { decodeCursor, encodeCursor } from './page-cursor.ts'
import type { DataVersionSource } from '../ports.ts'
import { contextOf } from '../pipeline/request-context.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'
import type { ResponseSender } from '../sending/response-sender.ts'
import { queryCost, type TenantLimits } from '../limits/tenant-limits.ts'
import { NOT_MODIFIED_HEADERS, type UnchangedRequests } from '../cache/unchanged-requests.ts'

const ResponseMeta = object(
  {
    correlationId: text('The id of the request, for logs and support'),
    asOf: instant('When the numbers were read'),
    timezone: text('The time zone of days and hours'),
  },
  'About the response.',
  'ResponseMeta',
)
type ResponseMeta = Static<typeof ResponseMeta>

/** The answers of a dashboard route, by status. */
export function responsesOf<Data extends TObject>(data: Data) {
  return {
    200: object(
      { success: Type.Literal(true, { description: 'Always true.' }), data, meta: ResponseMeta },
      data.description ?? '',
    ),
    400: ErrorResponse,
    401: ErrorResponse,
    403: ErrorResponse,
    429: ErrorResponse,
    500: ErrorResponse,
    503: ErrorResponse,
    504: ErrorResponse,
  }
}

export interface DashboardDependencies {
  readonly port: QueryPort
  readonly versions: DataVersionSource
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly writeExport: ExportWriter
}

/** What all dashboard routes of an app share. */
export interface DashboardServices extends DashboardDependencies {
  readonly cache: ResponseCache
  readonly limits: TenantLimits
  readonly unchanged: UnchangedRequests
  readonly sender: ResponseSender
  /** Undefined where no request may wait for another one. */
  readonly exportQueue: ExportQueue | undefined
}

/** A dashboard as a route serves it. */
export interface DashboardRoute<Filters, Data> {
  readonly name: string
  readonly preset: TimeRangePreset
  readonly dashboard: Dashboard<Filters, Data>
  /** Describes its data. */
  readonly schema: TObject
  /** The table that a person wants first. */
  readonly mainTable: string
}

/** What is asked of a page of lists, where a dashboard has any. */
interface ListPageParameters {
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** What the framework gives a route. */
interface RouteContext<Query> {
  readonly request: Request
  readonly query: Query
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

/**
 * The walk of a request: who asks and what was asked come in, the dashboard's data goes into the answer. Asked again while the tenant's data has not changed, it is
 * answered without the store, or with 304 to whoever has the answer already.
 */
export async function serveDashboard<Filters, Data>(
  {
    request,
    query,
    set,
  }: RouteContext<
    TimeRangeRequest &
      Filters &
      ExportParameters &
      ListPageParameters & { readonly granularity?: Granularity | undefined }
  >,
  route: DashboardRoute<Filters, Data>,
  services: DashboardServices,
): Promise<Response> {
  const {
    port,
    versions,
    cache,
    limits,
    unchanged,
    sender,
    exportQueue: files,
    writeExport: writeFile,
    clock,
    logger,
    metrics,
  } = services
  const context = contextOf(request)
  const { principal, correlationId } = context
  if (!principal) throw new Error('A dashboard was routed without a principal.')
  const { name, preset, dashboard, mainTable } = route
  const { table = mainTable } = query
  const format = negotiateFormat(query.format, request.headers.get('accept'))
  if (format !== 'json') context.exportFormat = format
  requireScope(principal, format === 'json' ? READ_SCOPE : EXPORT_SCOPE)
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
  // A file holds all items, whatever page is asked for.
  const page: PageRequest =
    format === 'json'
      ? {
          limit: query.limit,
          after: cursor?.after,
          encodeCursor: (after) => encodeCursor(pagedQuery, { requestedOn, after }),
        }
      : { limit: UNLIMITED }

  await versions.load(tenantId)
  const version = versions.of(tenantId)
  const queryKey = queryKeyOf(name, { ...filters, ...range, timezone: zone.name, ...listPageOf(query, format) })
  // Weak, as the correlation id differs from answer to answer.
  const etag = `W/"${tenantId}/${version}/${queryKey}${representationOf(format, table, query)}"`
  const allowRevalidation = () => {
    Object.assign(set.headers, NOT_MODIFIED_HEADERS, limits.headers(tenantId), { etag })
    const labels = { route: `/api/v1/analytics/${name}`, status: '304' }
    const subject = principal.subject ?? ''
    unchanged.remember(request, { labels, etag, tenantId, subject, version }, principal.expiresAt)
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
      const cost = queryCost(range, granularity)
      const chunks = await limits.runQuery(tenantId, cost, async () => {
        const data = await dashboard(port, { ...query, tenantId, range, zone, ...page })
        return jsonChunks(data as object, new TimeSlices())
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
      format,
      duration: Math.round(elapsedMs),
    })
    limits.chargeResponse(tenantId, byteLengthOf(json))
    return { json, readAt }
  }
  const sendJson = async () => {
    const { json, readAt } = await read()
    const meta: ResponseMeta = { correlationId, asOf: new Date(readAt).toISOString(), timezone: zone.name }
    const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const sendExport = async (fileFormat: ExportFormat) => {
    const exportRequest = {
      route,
      format: fileFormat,
      table,
      range,
      zone,
      filters,
      granularity,
      csv: csvStyleOf(query),
    }
    const write = async () => writeFile(createExportTask(exportRequest, await read()))
    const chunks = await (files ? files.run(tenantId, write) : write())
    const headers = { ...exportHeaders(exportRequest), vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId, isCompressed: fileFormat === 'xlsx' })
  }
  const response = await (format === 'json' ? sendJson() : sendExport(format))
  allowRevalidation()
  return response
}

type QueryValues = Readonly<Record<string, string | number>>

/** What is asked besides the form of the answer, and besides the range, which is known by its instants: so that a preset is another question on another day. */
function filtersOf(query: object): QueryValues {
  const filters = Object.entries(query).filter(
    ([path, value]) => value !== undefined && !NON_FILTER_PARAMETERS.has(path),
  )
  return Object.fromEntries(filters) as QueryValues
}

const NON_FILTER_PARAMETERS = new Set([
  ...['timeRange', 'startDate', 'endDate', 'timezone', 'limit', 'cursor'],
  ...['format', 'table', 'delimiter', 'decimal'],
])

/** Which part of its lists is asked for, where the dashboard has any: then the limit has a default. */
function listPageOf({ limit, cursor }: ListPageParameters, format: ResponseFormat): QueryValues {
  if (limit === undefined) return {}
  if (format !== 'json') return { limit: 'all' }
  return { limit, ...(cursor ? { cursor } : {}) }
}

/** What a dashboard is asked, in one spelling. */
function queryKeyOf(name: string, query: QueryValues): string {
  const pairs = Object.entries(query).map(([path, value]) => `${path}=${encodeURIComponent(value)}`)
  return `${name}?${pairs.toSorted().join('&')}`
}

/** Tells the forms of one answer apart. */
function representationOf(format: ResponseFormat, table: string, query: ExportParameters): string {
  if (format === 'json') return ''
  if (format === 'xlsx') return '#xlsx'
  const { delimiter, decimal } = csvStyleOf(query)
  return `#csv/${table}/${delimiter}/${decimal}`
}
