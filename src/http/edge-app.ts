/**
 * The read side alone, for runtimes that make no code of texts, have no files, and know many processes and none of them for long: dashboards and their files, the live
 * stream, the API's document, health, metrics. No pages, no WebSocket, no tickets.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import type { DashboardDependencies } from './dashboards/serve-dashboard.ts'
import { ResponseCache } from './cache/response-cache.ts'
import { dashboardRoutes } from './dashboards/dashboard-routes.ts'
import { openApiRoute } from './docs/docs-routes.ts'
import { eventsDocumentRoute } from './docs/events-document.ts'
import {
  createRequestPipeline,
  type RequestPipelineConfig,
  type RequestPipelineDependencies,
  type FetchHandler,
} from './pipeline/request-pipeline.ts'
import { createDynamicRouter } from './pipeline/dynamic-router.ts'
import { type LiveSource, liveStreamRoute } from './live/live-routes.ts'
import { LiveTickets } from './live/live-tickets.ts'
import { createOpenApiDocument } from './docs/openapi/openapi-document.ts'
import { healthRoutes, type HealthDependencies } from './health.ts'
import { EDGE_SERVICE_INDEX } from './service-index.ts'
import { ResponseSender } from './sending/response-sender.ts'
import { TenantLimits } from './limits/tenant-limits.ts'
import { UnchangedRequests } from './cache/unchanged-requests.ts'

export interface EdgeAppDependencies extends DashboardDependencies, RequestPipelineDependencies, HealthDependencies {
  readonly config: RequestPipelineConfig & Pick<Config, 'publicUrl'>
  readonly live: LiveSource
  /** The AsyncAPI document of the events. */
  readonly eventsDocument: object
}

export function createEdgeApp(dependencies: EdgeAppDependencies): FetchHandler {
  const { clock, metrics, authenticate, auditTrail, versions } = dependencies
  // Where requests can vanish in the middle, whoever waits for another one waits for ever: nobody does here.
  const config = { ...dependencies.config, tenantConcurrentRequests: 0 }
  const cache = new ResponseCache({ sharesReads: false })
  const unchanged = new UnchangedRequests(versions, clock, metrics, auditTrail)
  const limits = new TenantLimits(config, { clock, metrics })
  const pipeline = createRequestPipeline({ ...dependencies, config }, { limits, unchanged, tickets: undefined })
  // The provider compresses and holds what clients have not read.
  const sender = new ResponseSender({ clock, gzip: undefined, unread: undefined })
  const routes = [
    dashboardRoutes({ ...dependencies, cache, limits, unchanged, sender, exportQueue: undefined }),
    liveStreamRoute({ ...dependencies, tickets: new LiveTickets(authenticate, clock) }),
    healthRoutes({ ...dependencies, sender }),
  ]
  const indexRoutes = new Elysia()
    .use(openApiRoute(createOpenApiDocument(routes, config.publicUrl), sender))
    .use(eventsDocumentRoute(dependencies.eventsDocument, sender))
    .get('/', () => ({ success: true, data: EDGE_SERVICE_INDEX }))
  return createDynamicRouter(
    [...routes, indexRoutes].flatMap((each) => each.routes),
    pipeline,
  )
}
