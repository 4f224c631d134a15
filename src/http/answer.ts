import { type Static, type TObject, Type } from '@sinclair/typebox'
import type { Dashboard } from '../analytics/dashboard.ts'
import type { QueryPort } from '../analytics/query.ts'
import { instant, object, text } from '../analytics/schemas.ts'
import { requireZone, resolveTimeRange, type TimeRangePreset, type TimeRangeRequest } from '../analytics/time-range.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { READ_SCOPE, requireScope } from './auth.ts'
import { Failure } from './failures.ts'
import { contextOf } from './request-context.ts'

export const Meta = object(
  {
    correlationId: text('Id of the request, for logs and support'),
    asOf: instant('When the numbers were read'),
    timezone: text('The time zone that decided days and hours'),
  },
  'About the answer.',
)
export type Meta = Static<typeof Meta>

/** The answers of a dashboard route, by status. */
export function answersOf<Data extends TObject>(data: Data) {
  return {
    200: object(
      { success: Type.Literal(true, { description: 'True: the answer is in data.' }), data, meta: Meta },
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
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/** A dashboard as a route serves it. */
export interface DashboardRoute<Filters, Data> {
  readonly name: string
  readonly preset: TimeRangePreset
  readonly dashboard: Dashboard<Filters, Data>
}

/** The walk of a request: who asks and what was asked come in, the dashboard's data goes into the answer. */
export async function answerDashboard<Filters, Data>(
  request: Request,
  asked: TimeRangeRequest & Filters & { readonly granularity?: string | undefined },
  { name, preset, dashboard }: DashboardRoute<Filters, Data>,
  { port, clock, logger, metrics }: DashboardDependencies,
): Promise<{ success: true; data: Data; meta: Meta }> {
  const { principal, correlationId } = contextOf(request)
  if (!principal) throw new Error('A dashboard was routed without a principal.')
  requireScope(principal, READ_SCOPE)
  const zone = requireZone(asked.timezone)
  const startedAt = clock.now()
  const range = resolveTimeRange(asked, preset, zone, startedAt)
  const data = await dashboard(port, { ...asked, tenantId: principal.tenantId, range, zone })
  const duration = clock.now() - startedAt
  metrics.querySeconds.observe(duration / 1000, { dashboard: name })
  logger.info('[QUERY] analytics query', {
    tenantId: principal.tenantId,
    correlationId,
    queryType: name,
    timeRange: { start: new Date(range.start).toISOString(), end: new Date(range.end).toISOString() },
    granularity: asked.granularity ?? 'day',
    duration,
  })
  return { success: true, data, meta: { correlationId, asOf: new Date(startedAt).toISOString(), timezone: zone.name } }
}
