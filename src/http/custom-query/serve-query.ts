import { dimensionsOfFilter } from '../../analytics/custom-query/filter-tree.ts'
import { dependsOnFacts } from '../../analytics/custom-query/metric-sources.ts'
import {
  type CustomQuery,
  QUERY_LIMITS,
  QueryRequest,
  resolveQuery,
} from '../../analytics/custom-query/query-request.ts'
import type { QueryData } from '../../analytics/custom-query/query-response.ts'
import { sourcesOf } from '../../analytics/custom-query/read-groups.ts'
import { type QueryAnswer, runQuery } from '../../analytics/custom-query/run-query.ts'
import { UNLIMITED } from '../../analytics/query/list-page.ts'
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { formatInstant } from '../../analytics/time/buckets.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requireScope } from '../auth/authenticator.ts'
import { NOT_MODIFIED_HEADERS } from '../cache/recent-entity-tags.ts'
import type { ResponseMeta } from '../dashboards/dashboard-responses.ts'
import { comparisonValuesOf, representationOf } from '../dashboards/query-key.ts'
import {
  type DashboardServices,
  ENGAGEMENT_LIFETIME_MS,
  PARTIAL_COMPARISON_LIFETIME_MS,
} from '../dashboards/serve-dashboard.ts'
import { type ExportFormat, negotiateFormat, type ResponseFormat } from '../export/response-format.ts'
import { queryCost } from '../limits/tenant-limits.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { byteLengthOf, encodeUtf8, jsonChunks } from '../sending/chunks.ts'
import { matchesEntityTag } from '../sending/entity-tags.ts'
import { ROUTES } from '../routes.ts'
import { decodeQueryCursor, encodeQueryCursor } from './query-cursor.ts'
import { fileDataOf, queryFileHeaders, type QueryParameters, queryFileTask } from './query-file.ts'

const NAME = 'query'
/** Reading the events of messages costs as much as a large query: a tenant runs one of them at a time. */
const CLASSES_COST = 5

/** The context of the framework, as far as the route reads it. Its body and its query have been checked by their schemas. */
interface RouteContext {
  readonly request: Request
  readonly body: QueryRequest
  readonly query: QueryParameters
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

/** Answers a query. While the tenant's data has not changed, a repeated query is answered from the cache, and with 304 to a client that has the response already. */
export async function serveQuery(
  { request, body, query: parameters, set }: RouteContext,
  services: DashboardServices,
): Promise<Response> {
  const { port, versions, cache, limits, sender, exportQueue, writeExport, clock, logger, metrics } = services
  const context = authenticatedContextOf(request)
  const { tenantId } = context.principal
  const format = negotiateFormat(parameters.format, request.headers.get('accept'))
  if (format !== 'json') {
    context.exportFormat = format
    requireScope(context.principal, ROUTES.query.fileAccess)
  }
  const startedAt = clock.monotonic()
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const pagedQuery = await digestOf([tenantId, spellingOf(body)])
  const cursor = body.cursor ? decodeQueryCursor(body.cursor, pagedQuery, now) : undefined
  const requestedOn = cursor?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const query = resolveQuery(body, requestedOn)
  context.auditedBody = auditedPartsOf(query, format)
  const { limit = QUERY_LIMITS.defaultRows } = body
  const { range, comparison, granularity } = query
  const isOfFacts = dependsOnFacts(query.metrics, query.dimensions, dimensionsOfFilter(query.filter))

  await versions.load(tenantId)
  const { rulesNumber, rulesVersion } = services.facts.active
  const version = [
    versions.of(tenantId),
    ...(isOfFacts ? [`r${rulesNumber}`, Math.floor(now / ENGAGEMENT_LIFETIME_MS)] : []),
    ...(comparison && range.end > now ? [Math.floor(now / PARTIAL_COMPARISON_LIFETIME_MS)] : []),
  ].join('.')
  const page = format === 'json' ? `${limit} ${body.cursor ?? ''}` : 'file'
  const resolved = JSON.stringify([range, comparisonValuesOf(comparison)])
  const queryKey = `${NAME}?${await digestOf([spellingOf(body), resolved, page])}`
  // Weak, because the correlation id differs from response to response.
  const etag = `W/"${tenantId}/${version}/${queryKey}${representationOf(format, NAME, parameters)}"`
  const allowRevalidation = () => Object.assign(set.headers, NOT_MODIFIED_HEADERS, limits.headers(tenantId), { etag })
  if (matchesEntityTag(etag, request.headers.get('if-none-match'))) {
    metrics.dashboardResponses.add(1, { source: 'unchanged' })
    set.status = 304
    allowRevalidation()
    return new Response(null, { status: 304 })
  }

  const read = async () => {
    const { json, readAt, isRead } = await cache.get(tenantId, queryKey, version, async () => {
      const chunks = await limits.runQuery(tenantId, costOf(query), async () => {
        const answer = await runQuery(port, query, {
          tenantId,
          facts: factsAsOf(services.facts, now),
          asOf: now,
          // A file holds all rows, whatever page is requested.
          page: format === 'json' ? { after: cursor?.after, limit } : { after: undefined, limit: UNLIMITED },
        })
        const data =
          format === 'json' ? dataOf(query, answer, { limit, pagedQuery, requestedOn }) : fileDataOf(query, answer)
        return jsonChunks(data, new TimeSlices())
      })
      return { json: chunks, readAt: now }
    })
    const elapsedMs = clock.monotonic() - startedAt
    if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: NAME })
    metrics.dashboardResponses.add(1, { source: isRead ? 'store' : 'cache' })
    logger.info('[QUERY] analytics query', {
      tenantId,
      correlationId: context.correlationId,
      queryType: NAME,
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
      ...(granularity && { granularity }),
      ...(comparison && { compare: comparison.compare }),
      metrics: query.metrics.join(),
      dimensions: query.dimensions.join(),
      format,
      duration: Math.round(elapsedMs),
    })
    limits.chargeResponse(tenantId, byteLengthOf(json))
    return { json, readAt }
  }
  const sendJson = async () => {
    const { json, readAt } = await read()
    const meta: ResponseMeta = {
      correlationId: context.correlationId,
      asOf: new Date(readAt).toISOString(),
      timezone: zone.name,
      ...(isOfFacts ? { rulesVersion } : {}),
    }
    const chunks = [encodeUtf8('{"success":true,"data":'), ...json, encodeUtf8(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const sendFile = async (fileFormat: ExportFormat) => {
    const file = { query, format: fileFormat, parameters }
    const write = async () => writeExport(queryFileTask(file, await read()))
    const chunks = await (exportQueue ? exportQueue.run(tenantId, write) : write())
    const headers = { ...queryFileHeaders(file), vary: NOT_MODIFIED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId, isCompressed: fileFormat === 'xlsx' })
  }
  const response = await (format === 'json' ? sendJson() : sendFile(format))
  allowRevalidation()
  return response
}

interface AnsweredPage {
  readonly limit: number
  readonly pagedQuery: string
  readonly requestedOn: number
}

function dataOf(
  query: CustomQuery,
  { rows, totals, rowCount, next, comparison }: QueryAnswer,
  { limit, pagedQuery, requestedOn }: AnsweredPage,
): QueryData {
  return {
    rows: [...rows],
    totals,
    rowCount,
    cursor: next ? encodeQueryCursor(pagedQuery, { requestedOn, after: next }) : null,
    query: answeredQuery(query, limit),
    ...(comparison ? { comparison } : {}),
  }
}

/** The query of a request without its page, in one order of the fields. */
function spellingOf(body: QueryRequest): string {
  const names = Object.keys(QueryRequest.properties).filter((name) => name !== 'cursor' && name !== 'limit')
  return JSON.stringify(names.map((name) => body[name as keyof QueryRequest] ?? null))
}

/** Known before any SQL: the buckets of both ranges, each further source of metrics, and the reading of classes. */
function costOf({ metrics, dimensions, filter, range, granularity = 'day', comparison, totals }: CustomQuery): number {
  const { events, actions, messages, uniqueActions } = sourcesOf(metrics, { dimensions, filter })
  const sources = [events, messages].filter((names) => names.length > 0).length
  const classes = [actions, uniqueActions].filter((names) => names.length > 0).length
  const sides = comparison ? [range, comparison.older] : [range]
  const reads = sides.reduce((sum, side) => sum + queryCost(side, granularity), 0)
  return reads + Math.max(0, sources - 1) + classes * CLASSES_COST + (totals ? 1 : 0)
}

function answeredQuery(query: CustomQuery, limit: number): QueryData['query'] {
  const { metrics, dimensions, filter, range, zone, granularity, comparison, having, orderBy, totals } = query
  return {
    metrics: [...metrics],
    dimensions: [...dimensions],
    filter: filter ?? null,
    timeRange: { start: formatInstant(range.start), end: formatInstant(range.end) },
    timezone: zone.name,
    ...(granularity ? { granularity } : {}),
    compare: comparison?.compare ?? 'none',
    having: [...having],
    orderBy: [...orderBy],
    limit,
    totals,
  }
}

/** The names in a query: its values may be personal data. */
function auditedPartsOf(
  { metrics, dimensions, filter, granularity, comparison }: CustomQuery,
  format: ResponseFormat,
): string {
  const parts = {
    format: format === 'json' ? '' : format,
    metrics: metrics.join(),
    dimensions: dimensions.join(),
    filter: [...dimensionsOfFilter(filter)].join(),
    granularity: granularity ?? '',
    compare: comparison?.compare ?? '',
  }
  return Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}
