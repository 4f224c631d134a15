/**
 * The HTTP side: a web-standard request comes in, a response leaves. Returns an app and never listens; must never import a store or a broker.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import type { DashboardDependencies } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import { dashboardRoutes } from './dashboard-routes.ts'
import { type DocsAssets, docsRoutes, documentRoute } from './docs.ts'
import { createDoor, type DoorConfig, type DoorDependencies } from './door.ts'
import { liveRoutes, type LiveSource } from './live.ts'
import { LiveTickets } from './live-tickets.ts'
import { createDocument } from './openapi.ts'
import { operationsRoutes, type OperationsDependencies } from './operations.ts'
import { iconRoute, type PageParts, pageRoutes } from './page.ts'
import { placesRoute } from './places.ts'
import { TenantLimits } from './tenant-limits.ts'
import { UnchangedRequests } from './unchanged-requests.ts'

export interface AppDependencies extends DashboardDependencies, DoorDependencies, OperationsDependencies {
  readonly config: DoorConfig & Pick<Config, 'publicUrl'>
  readonly docsAssets: DocsAssets
  readonly live: LiveSource
  readonly page: PageParts
}

export function createApp(dependencies: AppDependencies) {
  const { clock, metrics, authenticate, trail, config } = dependencies
  const unchanged = new UnchangedRequests(dependencies.versions, clock, metrics, trail)
  const limits = new TenantLimits(config, { clock, metrics })
  const tickets = new LiveTickets(authenticate, clock)
  const door = createDoor(dependencies, { limits, unchanged, tickets })
  const services = { ...dependencies, cache: new AnswerCache(), limits, unchanged }
  const document = createDocument(
    [dashboardRoutes(services), liveRoutes({ ...dependencies, tickets }), operationsRoutes(dependencies)],
    config.publicUrl,
  )

  const app = new Elysia({ normalize: false })
    // The framework's types do not say what it gives.
    .wrap((fetch) => door.around(fetch as unknown as (request: Request) => Promise<Response>))
    // Taken apart, as the framework reads here what a request needs: handed over whole, it would get everything.
    .onRequest(({ request, set }) => door.enter({ request, set }))
    .onError(({ error, code, request, set }) => door.refuse({ error, code, request, set }))
    .onAfterResponse(({ request, set, route }) => door.leave({ request, set, route }))
    .use(dashboardRoutes(services))
    .use(liveRoutes({ ...dependencies, tickets }))
    .use(operationsRoutes(dependencies))
    .use(documentRoute(document))
    .use(docsRoutes(dependencies.docsAssets))
    .use(pageRoutes(dependencies.page, clock))
    .use(iconRoute(dependencies.page))
    .use(placesRoute())
  door.know(app.routes)
  return app
}

/** For typed clients: `treaty<App>(url)`. */
export type App = ReturnType<typeof createApp>
