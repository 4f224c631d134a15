import { type Static, type TObject, Type } from '@sinclair/typebox'
import type { Granularity } from '../analytics/buckets.ts'
import type { Dashboard } from '../analytics/dashboard.ts'
import { ALL_ITEMS, type PageRequest } from '../analytics/list-page.ts'
import type { QueryPort } from '../analytics/query.ts'
import { instant, object, text } from '../analytics/schemas.ts'
import { requireZone, resolveTimeRange, type TimeRangePreset, type TimeRangeRequest } from '../analytics/time-range.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { Slices } from '../turns.ts'
import type { AnswerCache } from './answer-cache.ts'
import { EXPORT_SCOPE, READ_SCOPE, requireScope } from './auth.ts'
import { Failure } from './failures.ts'
import { fileHeaders, fileTask } from './files/file-answer.ts'
import { csvStyleOf, type FileParameters } from './files/file-parameters.ts'
import type { FileQueue } from './files/file-queue.ts'
import type { FileWriter } from './files/file-task.ts'
import { chooseFormat, type FileFormat, type Format } from './files/format.ts'
import { readCursor, writeCursor } from './page-cursor.ts'
import type { DataVersionSource } from './ports.ts'
import { contextOf } from './request-context.ts'
import { byteLengthOf, encode, jsonChunks } from './sending/chunks.ts'
import { isKnown } from './sending/etags.ts'
import type { Sender } from './sending/sender.ts'
import { readCost, type TenantLimits } from './tenant-limits.ts'
import { UNCHANGED_HEADERS, type UnchangedRequests } from './unchanged-requests.ts'

const Meta = object(
  {
    correlationId: text('The id of the request, for logs and support'),
    asOf: instant('When the numbers were read'),
    timezone: text('The time zone of days and hours'),
  },
  'About the response.',
  'ResponseMeta',
)
type Meta = Static<typeof Meta>

/** The answers of a dashboard route, by status. */
export function answersOf<Data extends TObject>(data: Data) {
  return {
    200: object(
      { success: Type.Literal(true, { description: 'Always true.' }), data, meta: Meta },
      data.description ?? '',
    ),
    400: Failure,
    401: Failure,
    403: Failure,
    429: Failure,
    500: Failure,
    503: Failure,
    504: Failure,
  }
}

export interface DashboardDependencies {
  readonly port: QueryPort
  readonly versions: DataVersionSource
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly writeFile: FileWriter
}

/** What all dashboard routes of an app share. */
export interface DashboardServices extends DashboardDependencies {
  readonly cache: AnswerCache
  readonly limits: TenantLimits
  readonly unchanged: UnchangedRequests
  readonly sender: Sender
  /** Undefined where no request may wait for another one. */
  readonly files: FileQueue | undefined
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
interface PageParameters {
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
export async function answerDashboard<Filters, Data>(
  {
    request,
    query: asked,
    set,
  }: RouteContext<
    TimeRangeRequest & Filters & FileParameters & PageParameters & { readonly granularity?: Granularity | undefined }
  >,
  route: DashboardRoute<Filters, Data>,
  services: DashboardServices,
): Promise<Response> {
  const { port, versions, cache, limits, unchanged, sender, files, writeFile, clock, logger, metrics } = services
  const context = contextOf(request)
  const { principal, correlationId } = context
  if (!principal) throw new Error('A dashboard was routed without a principal.')
  const { name, preset, dashboard, mainTable } = route
  const { table = mainTable } = asked
  const format = chooseFormat(asked.format, request.headers.get('accept'))
  if (format !== 'json') context.file = format
  requireScope(principal, format === 'json' ? READ_SCOPE : EXPORT_SCOPE)
  const { tenantId } = principal
  const zone = requireZone(asked.timezone)
  const startedAt = clock.monotonic()
  const now = clock.now()
  const filters = filtersOf(asked)
  const { timeRange, startDate, endDate } = asked
  const pagedQuery = {
    tenantId,
    dashboard: name,
    parameters: { ...filters, timeRange, startDate, endDate, timezone: zone.name },
  }
  const cursor = asked.cursor ? await readCursor(asked.cursor, pagedQuery, now) : undefined
  const requestedOn = cursor?.requestedOn ?? zone.startOfDay(zone.localDate(now))
  const range = resolveTimeRange(asked, preset, zone, requestedOn)
  // A file holds all items, whatever page is asked for.
  const page: PageRequest =
    format === 'json'
      ? {
          limit: asked.limit,
          after: cursor?.after,
          cursorAt: (after) => writeCursor(pagedQuery, { requestedOn, after }),
        }
      : { limit: ALL_ITEMS }

  await versions.learn(tenantId)
  const version = versions.of(tenantId)
  const question = questionOf(name, { ...filters, ...range, timezone: zone.name, ...pageOf(asked, format) })
  // Weak, as the correlation id differs from answer to answer.
  const etag = `W/"${tenantId}/${version}/${question}${formOf(format, table, asked)}"`
  const letKeep = () => {
    Object.assign(set.headers, UNCHANGED_HEADERS, limits.headers(tenantId), { etag })
    const labels = { route: `/api/v1/analytics/${name}`, status: '304' }
    const subject = principal.subject ?? ''
    unchanged.remember(request, { labels, etag, tenantId, subject, version }, principal.expiresAt)
  }
  if (isKnown(etag, request.headers.get('if-none-match'))) {
    metrics.answers.add(1, { from: 'unchanged' })
    set.status = 304
    letKeep()
    return new Response(null, { status: 304 })
  }

  const granularity = asked.granularity ?? 'day'
  const read = async () => {
    const { json, readAt, isRead } = await cache.get(tenantId, question, version, async () => {
      const cost = readCost(range, granularity)
      const chunks = await limits.read(tenantId, cost, async () => {
        const data = await dashboard(port, { ...asked, tenantId, range, zone, ...page })
        return jsonChunks(data as object, new Slices())
      })
      return { json: chunks, readAt: now }
    })
    const elapsedMs = clock.monotonic() - startedAt
    if (isRead) metrics.querySeconds.observe(elapsedMs / 1000, { dashboard: name })
    metrics.answers.add(1, { from: isRead ? 'store' : 'cache' })
    logger.info('[QUERY] analytics query', {
      tenantId,
      correlationId,
      queryType: name,
      timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
      granularity,
      format,
      duration: Math.round(elapsedMs),
    })
    limits.charge(tenantId, byteLengthOf(json))
    return { json, readAt }
  }
  const answerJson = async () => {
    const { json, readAt } = await read()
    const meta: Meta = { correlationId, asOf: new Date(readAt).toISOString(), timezone: zone.name }
    const chunks = [encode('{"success":true,"data":'), ...json, encode(`,"meta":${JSON.stringify(meta)}}`)]
    const headers = { 'content-type': 'application/json; charset=utf-8', vary: UNCHANGED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId })
  }
  const answerFile = async (fileFormat: FileFormat) => {
    const asFile = { route, format: fileFormat, table, range, zone, filters, granularity, csv: csvStyleOf(asked) }
    const write = async () => writeFile(fileTask(asFile, await read()))
    const chunks = await (files ? files.run(tenantId, write) : write())
    const headers = { ...fileHeaders(asFile), vary: UNCHANGED_HEADERS.vary }
    return sender.send(request, { chunks, headers, tenantId, isCompressed: fileFormat === 'xlsx' })
  }
  const answer = await (format === 'json' ? answerJson() : answerFile(format))
  letKeep()
  return answer
}

type Asked = Readonly<Record<string, string | number>>

/** What is asked besides the form of the answer, and besides the range, which is known by its instants: so that a preset is another question on another day. */
function filtersOf(asked: object): Asked {
  const filters = Object.entries(asked).filter(([path, value]) => value !== undefined && !NO_FILTERS.has(path))
  return Object.fromEntries(filters) as Asked
}

const NO_FILTERS = new Set([
  ...['timeRange', 'startDate', 'endDate', 'timezone', 'limit', 'cursor'],
  ...['format', 'table', 'delimiter', 'decimal'],
])

/** Which part of its lists is asked for, where the dashboard has any: then the limit has a default. */
function pageOf({ limit, cursor }: PageParameters, format: Format): Asked {
  if (limit === undefined) return {}
  if (format !== 'json') return { limit: 'all' }
  return { limit, ...(cursor ? { cursor } : {}) }
}

/** What a dashboard is asked, in one spelling. */
function questionOf(name: string, asked: Asked): string {
  const pairs = Object.entries(asked).map(([path, value]) => `${path}=${encodeURIComponent(value)}`)
  return `${name}?${pairs.toSorted().join('&')}`
}

/** Tells the forms of one answer apart. */
function formOf(format: Format, table: string, asked: FileParameters): string {
  if (format === 'json') return ''
  if (format === 'xlsx') return '#xlsx'
  const { delimiter, decimal } = csvStyleOf(asked)
  return `#csv/${table}/${delimiter}/${decimal}`
}
