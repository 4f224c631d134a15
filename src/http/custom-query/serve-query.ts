import { dimensionsOfFilter } from '../../analytics/filter/filter-tree.ts'
import { dependsOnFacts } from '../../analytics/custom-query/metric-sources.ts'
import {
  type CustomQuery,
  QUERY_LIMITS,
  type QueryRequest,
  resolveQuery,
} from '../../analytics/custom-query/query-request.ts'
import { runQuery } from '../../analytics/custom-query/run-query.ts'
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { UNLIMITED } from '../../analytics/query/list-page.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requestedFormat, sendVersioned, type VersionedContext } from '../cache/versioned-response.ts'
import { comparisonValuesOf } from '../dashboards/query-key.ts'
import {
  type DashboardServices,
  ENGAGEMENT_LIFETIME_MS,
  PARTIAL_COMPARISON_LIFETIME_MS,
} from '../dashboards/serve-dashboard.ts'
import type { ResponseFormat } from '../export/response-format.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { jsonChunks } from '../sending/chunks.ts'
import { decodeQueryCursor } from './query-cursor.ts'
import { costOfQuery, pagedQueryOf, queryDataOf, spellingOf } from './query-data.ts'
import { fileDataOf, queryFileHeaders, type QueryParameters, queryFileTask } from './query-file.ts'

const NAME = 'query'

/** The context of the framework, as far as the route reads it. Its body and its query have been checked by their schemas. */
interface RouteContext extends VersionedContext {
  readonly body: QueryRequest
  readonly query: QueryParameters
}

/** Answers a query. While the tenant's data has not changed, a repeated query is answered from the cache, and with 304 to a client that has the response already. */
export async function serveQuery(
  { request, body, query: parameters, set }: RouteContext,
  services: DashboardServices,
): Promise<Response> {
  const { port, versions, clock } = services
  const context = authenticatedContextOf(request)
  const { tenantId } = context.principal
  const format = requestedFormat({ request, set }, context, parameters, ROUTES.query)
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const pagedQuery = await pagedQueryOf(tenantId, body)
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
  return sendVersioned({ request, set }, context, services, {
    name: NAME,
    version,
    queryKey,
    cost: costOfQuery(query),
    timezone: zone.name,
    rulesVersion: isOfFacts ? rulesVersion : undefined,
    now,
    logged: {
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
      ...(granularity && { granularity }),
      ...(comparison && { compare: comparison.compare }),
      metrics: query.metrics.join(),
      dimensions: query.dimensions.join(),
    },
    async read(signal) {
      const answer = await runQuery(abortable(port, signal), query, {
        tenantId,
        facts: factsAsOf(services.facts, now),
        asOf: now,
        // A file holds all rows, whatever page is requested.
        page: format === 'json' ? { after: cursor?.after, limit } : { after: undefined, limit: UNLIMITED },
      })
      const data =
        format === 'json' ? queryDataOf(query, answer, { limit, pagedQuery, requestedOn }) : fileDataOf(query, answer)
      return jsonChunks(data, new TimeSlices())
    },
    ...(format !== 'json' && {
      file: {
        format,
        parameters,
        headers: queryFileHeaders({ query, format, parameters }),
        task: (answer) => queryFileTask({ query, format, parameters }, answer),
      },
    }),
  })
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
