/**
 * The HTTP side: a web-standard request comes in, a response leaves. Returns an app and never listens; must never import a store or a broker.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import type { DashboardDependencies } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import { dashboardRoutes } from './dashboard-routes.ts'
import { type DocsAssets, docsRoutes, documentRoute } from './docs.ts'
import { createDoor, type DoorConfig, type DoorDependencies, type RequestFacts } from './door.ts'
import { liveRoutes, type LiveSource } from './live.ts'
import { LiveTickets } from './live-tickets.ts'
import { FileQueue } from './files/file-queue.ts'
import type { FileWriter } from './files/file-task.ts'
import { createDocument } from './openapi.ts'
import { operationsRoutes, type OperationsDependencies } from './operations.ts'
import { iconRoute, type PageParts, pageRoutes } from './page.ts'
import { placesRoute } from './places.ts'
import type { Gzip } from './sending/encoding.ts'
import { Sender } from './sending/sender.ts'
import { UnreadBytes } from './sending/unread-bytes.ts'
import { TenantLimits } from './tenant-limits.ts'
import { UnchangedRequests } from './unchanged-requests.ts'

/** What the machine gives. */
export interface AppSurroundings extends RequestFacts {
  readonly docsAssets: DocsAssets
  readonly page: PageParts
  readonly writeFile: FileWriter
  readonly gzip: Gzip
}

export interface AppDependencies
  extends AppSurroundings, DashboardDependencies, DoorDependencies, OperationsDependencies {
  readonly config: DoorConfig & Pick<Config, 'publicUrl'>
  readonly live: LiveSource
}

export function createApp(dependencies: AppDependencies) {
  const { clock, metrics, authenticate, trail, config, gzip } = dependencies
  const unchanged = new UnchangedRequests(dependencies.versions, clock, metrics, trail)
  const limits = new TenantLimits(config, { clock, metrics })
  const tickets = new LiveTickets(authenticate, clock)
  const door = createDoor(dependencies, { limits, unchanged, tickets })
  const sender = new Sender({ clock, gzip, unread: new UnreadBytes(metrics.unreadBytes) })
  const files = new FileQueue({ clock, metrics })
  const services = { ...dependencies, cache: new AnswerCache(), limits, unchanged, sender, files }
  const document = createDocument(
    [
      dashboardRoutes(services),
      liveRoutes({ ...dependencies, tickets }),
      operationsRoutes({ ...dependencies, sender }),
    ],
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
    .use(operationsRoutes({ ...dependencies, sender }))
    .use(documentRoute(document, sender))
    .use(docsRoutes(dependencies.docsAssets, sender))
    .use(pageRoutes(dependencies.page, clock, sender))
    .use(iconRoute(dependencies.page, sender))
    .use(placesRoute())
  door.know(app.routes)
  return app
}

/** For typed clients: `treaty<App>(url)`. */
export type App = ReturnType<typeof createApp>
