/**
 * The app for edge runtimes, which do not compile code from text, have no files, and run many short-lived processes: dashboards and their files, the live stream, the API
 * document, health, metrics. It has no pages, no WebSocket and no live tickets.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import { RecentEntityTags } from './cache/recent-entity-tags.ts'
import { ResponseCache } from './cache/response-cache.ts'
import type { DashboardDependencies } from './dashboards/serve-dashboard.ts'
import { cohortRoutes } from './cohorts/cohort-routes.ts'
import { queryRoutes } from './custom-query/query-routes.ts'
import { dashboardRoutes } from './dashboards/dashboard-routes.ts'
import { funnelRoutes } from './funnels/funnel-routes.ts'
import { drillDownRoutes } from './drill-down/drill-down-routes.ts'
import { Snapshots } from '../analytics/drill-down/snapshot.ts'
import { openApiRoute } from './docs/docs-routes.ts'
import { eventsDocumentRoute } from './docs/events-document.ts'
import { createOpenApiDocument } from './docs/openapi/openapi-document.ts'
import { healthRoutes, type HealthDependencies } from './health.ts'
import { TenantLimits } from './limits/tenant-limits.ts'
import { type LiveSource, liveStreamRoute } from './live/live-routes.ts'
import { LiveTickets } from './live/live-tickets.ts'
import { createDynamicRouter } from './pipeline/routing/dynamic-router.ts'
import { createFailureResponder } from './pipeline/failure-responder.ts'
import {
  createRequestPipeline,
  type FetchHandler,
  type RequestPipelineConfig,
  type RequestPipelineDependencies,
} from './pipeline/request-pipeline.ts'
import { requireListed, ROUTES } from './routes.ts'
import { ResponseSender } from './sending/response-sender.ts'
import { edgeServiceIndex } from './service-index.ts'

export interface EdgeAppDependencies extends DashboardDependencies, RequestPipelineDependencies, HealthDependencies {
  readonly config: RequestPipelineConfig & Pick<Config, 'publicUrl'>
  readonly live: LiveSource
  /** The AsyncAPI document of the events. */
  readonly eventsDocument: object
}

export function createEdgeApp(dependencies: EdgeAppDependencies): FetchHandler {
  const { clock, metrics, authenticate } = dependencies
  // The runtime may drop a request at any time, and a request that waits for it would wait for ever: no request waits for another one here.
  const config = { ...dependencies.config, tenantConcurrentRequests: 0 }
  const cache = new ResponseCache({ sharesReads: false })
  const limits = new TenantLimits(config, { clock, metrics })
  const entityTags = new RecentEntityTags({ ...dependencies, limits })
  const failureResponse = createFailureResponder({ ...dependencies, limits })
  // The provider compresses responses and buffers what clients have not read.
  const sender = new ResponseSender({ clock, gzip: undefined, unread: undefined })
  const snapshots = new Snapshots(dependencies)
  const services = { ...dependencies, cache, limits, entityTags, sender, exportQueue: undefined, snapshots }
  const apiRoutes = [
    dashboardRoutes(services),
    queryRoutes(services),
    cohortRoutes(services),
    funnelRoutes(services),
    drillDownRoutes(services),
    liveStreamRoute({ ...dependencies, tickets: new LiveTickets(authenticate, clock) }),
    healthRoutes({ ...dependencies, sender }),
  ]
  const index = edgeServiceIndex(config.publicUrl)
  const indexRoutes = new Elysia()
    .use(openApiRoute(createOpenApiDocument(apiRoutes, config.publicUrl), sender))
    .use(eventsDocumentRoute(dependencies.eventsDocument, sender))
    .get(ROUTES.index.path, () => ({ success: true, data: index }))
  const routes = [...apiRoutes, indexRoutes].flatMap((each) => each.routes)
  requireListed(routes)
  const handle = createRequestPipeline(
    { ...dependencies, config },
    { limits, entityTags, tickets: undefined, failureResponse, routes },
  )
  const router = createDynamicRouter(routes)
  return async (request) => {
    const response = await handle(request, router)
    return request.method === 'HEAD' ? new Response(null, response) : response
  }
}
