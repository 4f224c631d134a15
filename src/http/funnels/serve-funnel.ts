/** Answers a funnel. While the tenant's data has not changed, a repeated request is answered from the cache, and with 304 to a client that has the response already. */
import { type FunnelQuery, FunnelRequest, resolveFunnel } from '../../analytics/funnels/funnel-request.ts'
import { runFunnel } from '../../analytics/funnels/run-funnel.ts'
import { factsAsOf } from '../../analytics/engagement/facts-as-of.ts'
import { abortable } from '../../analytics/query/abortable-port.ts'
import { requireTimeZone } from '../../analytics/time/time-range.ts'
import { digestOf } from '../../base/bytes/opaque-text.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { requestedFormat, sendVersioned, type VersionedContext } from '../cache/versioned-response.ts'
import { type DashboardServices, ENGAGEMENT_LIFETIME_MS } from '../dashboards/serve-dashboard.ts'
import type { ExportParameters } from '../export/export-parameters.ts'
import { authenticatedContextOf } from '../pipeline/request-context.ts'
import { ROUTES } from '../routes.ts'
import { jsonChunks } from '../sending/chunks.ts'
import { funnelFile, funnelFileData } from './funnel-file.ts'
import { auditedFunnel, FUNNEL_COST, loggedFunnel, rulesOf } from './funnel-record.ts'

const NAME = 'funnel'

/** The body has been checked by the schema. */
interface RouteContext extends VersionedContext {
  readonly body: FunnelRequest
  readonly query: ExportParameters
}

export async function serveFunnel(routed: RouteContext, services: DashboardServices): Promise<Response> {
  const { port, versions, clock, facts } = services
  const context = authenticatedContextOf(routed.request)
  const { tenantId } = context.principal
  const format = requestedFormat(routed, context, routed.query, ROUTES.funnels)
  const now = clock.now()
  const zone = requireTimeZone(routed.body.timezone)
  const query = resolveFunnel(routed.body, zone.startOfDay(zone.localDate(now)))
  context.auditedBody = auditedFunnel(query)
  await versions.load(tenantId)
  const rules = rulesOf(query, facts)
  const version = [versions.of(tenantId), ...rules.version, ...ageOf(query, now)].join('.')
  return sendVersioned(routed, context, services, {
    name: NAME,
    version,
    queryKey: `${NAME}?${await digestOf([spellingOf(routed.body), query.range, format !== 'json'])}`,
    cost: FUNNEL_COST,
    timezone: zone.name,
    rulesVersion: rules.rulesVersion,
    now,
    logged: loggedFunnel(query),
    async read(signal) {
      const source = { port: abortable(port, signal), facts: factsAsOf(facts, now), histories: facts.histories }
      const data = await runFunnel(source, tenantId, query, now)
      return jsonChunks(format === 'json' ? data : funnelFileData(data), new TimeSlices())
    },
    ...(format !== 'json' && { file: funnelFile(query, format, routed.query) }),
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
