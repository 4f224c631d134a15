/**
 * The HTTP side: a web-standard request comes in, a response leaves. Returns an app and never listens; must never import a store or a broker.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import type { DashboardDependencies } from './dashboards/serve-dashboard.ts'
import { ResponseCache } from './cache/response-cache.ts'
import { dashboardRoutes } from './dashboards/dashboard-routes.ts'
import { type DocsAssets, docsRoutes, openApiRoute } from './docs/docs-routes.ts'
import { eventsDocumentRoute } from './docs/events-document.ts'
import {
  createRequestPipeline,
  type RequestPipelineConfig,
  type RequestPipelineDependencies,
  type ConnectionInfo,
} from './pipeline/request-pipeline.ts'
import { liveRoutes, type LiveSource } from './live/live-routes.ts'
import { LiveTickets } from './live/live-tickets.ts'
import { ExportQueue } from './export/export-queue.ts'
import type { ExportWriter } from './export/export-task.ts'
import { createOpenApiDocument } from './docs/openapi/openapi-document.ts'
import { healthRoutes, type HealthDependencies } from './health.ts'
import { iconRoute, type PageDependencies, pageRoutes } from './page/page-routes.ts'
import { serviceIndexRoute } from './service-index.ts'
import type { Gzip } from './sending/content-encoding.ts'
import { ResponseSender } from './sending/response-sender.ts'
import { UnreadBytes } from './sending/unread-bytes.ts'
import { TenantLimits } from './limits/tenant-limits.ts'
import { UnchangedRequests } from './cache/unchanged-requests.ts'

/** What the machine gives. */
export interface AppPlatform extends ConnectionInfo {
  readonly docsAssets: DocsAssets
  readonly page: PageDependencies
  readonly writeExport: ExportWriter
  readonly gzip: Gzip
}

export interface AppDependencies
  extends AppPlatform, DashboardDependencies, RequestPipelineDependencies, HealthDependencies {
  readonly config: RequestPipelineConfig & Pick<Config, 'publicUrl'>
  readonly live: LiveSource
  /** The AsyncAPI document of the events. */
  readonly eventsDocument: object
}

export function createApp(dependencies: AppDependencies) {
  const { clock, metrics, authenticate, auditTrail, config, gzip } = dependencies
  const unchanged = new UnchangedRequests(dependencies.versions, clock, metrics, auditTrail)
  const limits = new TenantLimits(config, { clock, metrics })
  const tickets = new LiveTickets(authenticate, clock)
  const pipeline = createRequestPipeline(dependencies, { limits, unchanged, tickets })
  const sender = new ResponseSender({ clock, gzip, unread: new UnreadBytes(metrics.unreadResponseBytes) })
  const exportQueue = new ExportQueue({ clock, metrics })
  const services = { ...dependencies, cache: new ResponseCache(), limits, unchanged, sender, exportQueue }
  const document = createOpenApiDocument(
    [dashboardRoutes(services), liveRoutes({ ...dependencies, tickets }), healthRoutes({ ...dependencies, sender })],
    config.publicUrl,
  )

  const app = new Elysia({ normalize: false })
    // The framework's types do not say what it gives.
    .wrap((fetch) => pipeline.wrap(fetch as unknown as (request: Request) => Promise<Response>))
    // Taken apart, as the framework reads here what a request needs: handed over whole, it would get everything.
    .onRequest(({ request, set }) => pipeline.onRequest({ request, set }))
    .onError(({ error, code, request, set }) => pipeline.onError({ error, code, request, set }))
    .onAfterResponse(({ request, set, route }) => pipeline.onResponse({ request, set, route }))
    .use(dashboardRoutes(services))
    .use(liveRoutes({ ...dependencies, tickets }))
    .use(healthRoutes({ ...dependencies, sender }))
    .use(openApiRoute(document, sender))
    .use(eventsDocumentRoute(dependencies.eventsDocument, sender))
    .use(docsRoutes(dependencies.docsAssets, sender))
    .use(pageRoutes(dependencies.page, clock, sender))
    .use(iconRoute(dependencies.page, sender))
    .use(serviceIndexRoute())
  pipeline.registerRoutes(app.routes)
  return app
}

/** For typed clients: `treaty<App>(url)`. */
export type App = ReturnType<typeof createApp>
