/** Answers a funnel. While the tenant's data has not changed, a repeated request is answered from the cache, and with 304 to a client that has the response already. */
import { type FunnelQuery, FunnelRequest, resolveFunnel } from '../../analytics/funnels/funnel-request.ts'
import { runFunnel } from '../../analytics/funnels/run-funnel.ts'
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { needsClasses } from '../../analytics/funnels/event-masks.ts'
import { abortable } from '../../analytics/query/tenant-query.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { type AnswerContext, serveAnswer } from '../custom-query/serve-answer.ts'
import { type DashboardServices, ENGAGEMENT_LIFETIME_MS } from '../dashboards/serve-dashboard.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { auditedFunnel, FUNNEL_COST, loggedFunnel } from './funnel-record.ts'

const NAME = 'funnel'

/** The body has been checked by the schema. */
interface RouteContext extends AnswerContext {
  readonly body: FunnelRequest
}

export async function serveFunnel(routed: RouteContext, services: DashboardServices): Promise<Response> {
  const { port, clock, facts } = services
  const context = authenticatedContextOf(routed.request)
  const { tenantId } = context.principal
  const now = clock.now()
  const zone = requireTimeZone(routed.body.timezone)
  const query = resolveFunnel(routed.body, zone.startOfDay(zone.localDate(now)))
  context.auditedBody = auditedFunnel(query)
  return serveAnswer(routed, services, {
    name: NAME,
    identity: [spellingOf(routed.body), query.range],
    version: ageOf(query, now),
    range: query.range,
    zone,
    now,
    isOfFacts: needsClasses(query),
    cost: FUNNEL_COST,
    logged: loggedFunnel(query),
    async read(signal) {
      const source = { port: abortable(port, signal), facts: factsAsOf(facts, now), histories: facts.histories }
      return runFunnel(source, tenantId, query, now)
    },
  })
}

/** The request in one order of the fields. */
function spellingOf(body: FunnelRequest): string {
  return JSON.stringify(Object.keys(FunnelRequest.properties).map((name) => body[name as keyof FunnelRequest] ?? null))
}

/** While windows of the range end, or events of the future begin to count, a response is used for a limited time. */
function ageOf({ range, windowMs }: FunnelQuery, now: number): number[] {
  return range.end + windowMs > now ? [Math.floor(now / ENGAGEMENT_LIFETIME_MS)] : []
}
