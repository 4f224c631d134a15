/**
 * The read side alone, for runtimes that make no code of texts, have no files, and know many processes and none of them for long: dashboards and their files, the live
 * stream, the API's document, health, metrics. No pages, no WebSocket, no tickets.
 */
import { Elysia } from 'elysia'
import type { Config } from '../config.ts'
import type { DashboardDependencies } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import { dashboardRoutes } from './dashboard-routes.ts'
import { documentRoute } from './docs.ts'
import { createDoor, type DoorConfig, type DoorDependencies, type Fetch } from './door.ts'
import { interpret } from './interpreter.ts'
import { type LiveSource, liveStreamRoute } from './live.ts'
import { LiveTickets } from './live-tickets.ts'
import { createDocument } from './openapi.ts'
import { operationsRoutes, type OperationsDependencies } from './operations.ts'
import { READ_SIDE_PLACES } from './places.ts'
import { Sender } from './sending/sender.ts'
import { TenantLimits } from './tenant-limits.ts'
import { UnchangedRequests } from './unchanged-requests.ts'

export interface ReadSideDependencies extends DashboardDependencies, DoorDependencies, OperationsDependencies {
  readonly config: DoorConfig & Pick<Config, 'publicUrl'>
  readonly live: LiveSource
}

export function createReadSide(dependencies: ReadSideDependencies): Fetch {
  const { clock, metrics, authenticate, trail, versions } = dependencies
  // Where requests can vanish in the middle, whoever waits for another one waits for ever: nobody does here.
  const config = { ...dependencies.config, tenantConcurrentRequests: 0 }
  const cache = new AnswerCache({ sharesReads: false })
  const unchanged = new UnchangedRequests(versions, clock, metrics, trail)
  const limits = new TenantLimits(config, { clock, metrics })
  const door = createDoor({ ...dependencies, config }, { limits, unchanged, tickets: undefined })
  // The provider compresses and holds what clients have not read.
  const sender = new Sender({ clock, gzip: undefined, unread: undefined })
  const routes = [
    dashboardRoutes({ ...dependencies, cache, limits, unchanged, sender, files: undefined }),
    liveStreamRoute({ ...dependencies, tickets: new LiveTickets(authenticate, clock) }),
    operationsRoutes({ ...dependencies, sender }),
  ]
  const rest = new Elysia()
    .use(documentRoute(createDocument(routes, config.publicUrl), sender))
    .get('/', () => ({ success: true, data: READ_SIDE_PLACES }))
  return interpret(
    [...routes, rest].flatMap((each) => each.routes),
    door,
  )
}
