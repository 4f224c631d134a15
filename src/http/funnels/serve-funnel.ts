/** Answers a funnel. */
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { needsClasses } from '../../analytics/funnels/event-masks.ts'
import { type FunnelQuery, type FunnelRequest, resolveFunnel } from '../../analytics/funnels/funnel-request.ts'
import { runFunnel } from '../../analytics/funnels/run-funnel.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { type AnswerContext, requestedFormat, serveAnswer } from '../custom-query/serve-answer.ts'
import { type DashboardServices, ENGAGEMENT_LIFETIME_MS } from '../dashboards/serve-dashboard.ts'
import type { ExportParameters } from '../export/export-parameters.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { funnelFile, funnelFileData } from './funnel-file.ts'
import { auditedFunnel, FUNNEL_COST, loggedFunnel } from './funnel-record.ts'

/** Its body and its query have been checked by their schemas. */
interface RouteContext extends AnswerContext {
  readonly body: FunnelRequest
  readonly query: ExportParameters
}

/** Answers a funnel, from the cache while the tenant's data has not changed. */
export async function serveFunnel(
  { request, body, query: parameters, set }: RouteContext,
  services: DashboardServices,
): Promise<Response> {
  const { port, clock, facts } = services
  const context = authenticatedContextOf(request)
  const { tenantId } = context.principal
  const format = requestedFormat(request, parameters, ROUTES.funnels)
  const now = clock.now()
  const zone = requireTimeZone(body.timezone)
  const query = resolveFunnel(body, zone.startOfDay(zone.localDate(now)))
  context.auditedBody = auditedFunnel(query)
  const { range } = query
  return serveAnswer({ request, set }, services, {
    name: 'funnel',
    identity: { ...query, zone: zone.name, isFile: format !== 'json' },
    version: ageOf(query, now),
    range,
    zone,
    now,
    isOfFacts: needsClasses(query),
    cost: FUNNEL_COST,
    logged: loggedFunnel(query),
    async read(signal) {
      const source = { port: abortable(port, signal), facts: factsAsOf(facts, now), histories: facts.histories }
      const data = await runFunnel(source, tenantId, query, now)
      return format === 'json' ? data : funnelFileData(data)
    },
    ...(format !== 'json' && { file: funnelFile(query, format, parameters) }),
  })
}

/** While windows of the range end, or events of the future begin to count, a response is used for a limited time. */
function ageOf({ range, windowMs }: FunnelQuery, now: number): number[] {
  return range.end + windowMs > now ? [Math.floor(now / ENGAGEMENT_LIFETIME_MS)] : []
}
