/**
 * The HTTP app: takes a web-standard request and returns a response. It does not listen on a port, and does not import a store or a broker.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import { ApiFailure } from '../base/errors.ts'
import { RecentEntityTags } from './cache/recent-entity-tags.ts'
import { ResponseCache } from './cache/response-cache.ts'
import type { DashboardDependencies } from './dashboards/serve-dashboard.ts'
import { cohortRoutes } from './cohorts/cohort-routes.ts'
import { queryRoutes } from './custom-query/query-routes.ts'
import { dashboardRoutes } from './dashboards/dashboard-routes.ts'
import { funnelRoutes } from './funnels/funnel-routes.ts'
import { drillDownRoutes } from './drill-down/drill-down-routes.ts'
import { Snapshots } from '../analytics/drill-down/snapshot.ts'
import type { ReportStore } from '../reports/report.ts'
import type { ScheduleDeliveries } from '../reports/delivery/schedule-deliveries.ts'
import type { ScheduleStore } from '../reports/schedule/schedule.ts'
import { type DocsAssets, docsRoutes, openApiRoute } from './docs/docs-routes.ts'
import { eventsDocumentRoute } from './docs/events-document.ts'
import { createOpenApiDocument } from './docs/openapi/openapi-document.ts'
import { ExportQueue } from './export/export-queue.ts'
import type { ExportWriter } from './export/export-task.ts'
import { healthRoutes, type HealthDependencies } from './health.ts'
import { TenantLimits } from './limits/tenant-limits.ts'
import { liveRoutes, type LiveSource } from './live/live-routes.ts'
import { LiveTickets } from './live/live-tickets.ts'
import { iconRoute, type PageDependencies, pageRoutes } from './page/page-routes.ts'
import { createFailureResponder } from './pipeline/failure-responder.ts'
import { contextOf } from './pipeline/request-context.ts'
import {
  type ConnectionInfo,
  createRequestPipeline,
  type FetchHandler,
  type RequestPipelineConfig,
  type RequestPipelineDependencies,
} from './pipeline/request-pipeline.ts'
import { notFound } from './pipeline/routing/route-table.ts'
import { alertRoutes } from './alerts/alert-routes.ts'
import type { AlertParts } from './alerts/serve-alerts.ts'
import { deliveryRoutes } from './deliveries/delivery-routes.ts'
import { unsubscribeRoutes } from './deliveries/unsubscribe-routes.ts'
import { reportRoutes } from './reports/report-routes.ts'
import { scheduleRoutes } from './reports/schedule-routes.ts'
import { requireListed } from './routes.ts'
import type { Gzip } from './sending/content-encoding.ts'
import { ResponseSender } from './sending/response-sender.ts'
import { UnreadBytes } from './sending/unread-bytes.ts'
import { serviceIndexRoute } from './service-index.ts'

/** The parts of the app that the platform provides. */
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
  readonly reports: ReportStore
  readonly schedules: ScheduleStore
  readonly alerts: AlertParts
  readonly deliveries: ScheduleDeliveries
  /** Whether the mails of schedules can be sent. */
  readonly isDeliveryConfigured: boolean
}

export function createApp(dependencies: AppDependencies) {
  const { clock, metrics, authenticate, config, gzip } = dependencies
  const limits = new TenantLimits(config, { clock, metrics })
  const entityTags = new RecentEntityTags({ ...dependencies, limits })
  const tickets = new LiveTickets(authenticate, clock)
  const failureResponse = createFailureResponder({ ...dependencies, limits })
  const sender = new ResponseSender({ clock, gzip, unread: new UnreadBytes(metrics.unreadResponseBytes) })
  const exportQueue = new ExportQueue({ clock, metrics })
  const cache = new ResponseCache()
  const snapshots = new Snapshots(dependencies)
  const services = { ...dependencies, cache, limits, entityTags, sender, exportQueue, snapshots }
  const document = createOpenApiDocument(
    [
      dashboardRoutes(services),
      queryRoutes(services),
      cohortRoutes(services),
      funnelRoutes(services),
      drillDownRoutes(services),
      reportRoutes(services),
      scheduleRoutes(services),
      deliveryRoutes(services),
      alertRoutes(services),
      liveRoutes({ ...dependencies, tickets }),
      healthRoutes({ ...dependencies, sender }),
    ],
    config.publicUrl,
  )

  const app = new Elysia({ normalize: false })
    .onError(({ error, code, request }) => failureResponse(contextOf(request), toKnownFailure(error, code)))
    .use(dashboardRoutes(services))
    .use(queryRoutes(services))
    .use(cohortRoutes(services))
    .use(funnelRoutes(services))
    .use(drillDownRoutes(services))
    .use(reportRoutes(services))
    .use(scheduleRoutes(services))
    .use(deliveryRoutes(services))
    .use(alertRoutes(services))
    .use(unsubscribeRoutes(services.deliveries))
    .use(liveRoutes({ ...dependencies, tickets }))
    .use(healthRoutes({ ...dependencies, sender }))
    .use(openApiRoute(document, sender))
    .use(eventsDocumentRoute(dependencies.eventsDocument, sender))
    .use(docsRoutes(dependencies.docsAssets, sender))
    .use(pageRoutes(dependencies.page, clock, sender))
    .use(iconRoute(dependencies.page, sender))
    .use(serviceIndexRoute(config.publicUrl))
  const { routes } = app
  requireListed(routes)
  const handle = createRequestPipeline(dependencies, { limits, entityTags, tickets, failureResponse, routes })
  // The framework calls this for each request. Its types do not say that its router is a fetch handler.
  return app.wrap((router) => (request: Request) => handle(request, router as unknown as FetchHandler))
}

/** An error that the framework itself throws, as a failure of the API. The messages of the framework may hold values of the client, so they are not used. */
function toKnownFailure(error: unknown, code: unknown): unknown {
  if (error instanceof ApiFailure) return error
  if (code === 'NOT_FOUND') return notFound()
  if (code === 'PARSE') return new ApiFailure('VALIDATION_ERROR', 'The request body cannot be read.')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ApiFailure('VALIDATION_ERROR', 'A cookie is invalid.')
  return error
}

/** For typed clients: `treaty<App>(url)`. */
export type App = ReturnType<typeof createApp>
