/**
 * The HTTP side: a web-standard request comes in, a response leaves. Returns an app and never listens; must never import a store or a broker.
 */
import { Elysia } from 'elysia'
import { ApiFailure, messageOf } from '../errors.ts'
import type { LiveHub } from '../live/live-hub.ts'
import type { Authenticate } from './auth.ts'
import type { DashboardDependencies, DashboardServices } from './answer.ts'
import { AnswerCache } from './answer-cache.ts'
import { campaignsRoute } from './campaigns.ts'
import { type DocsAssets, docsRoutes } from './docs.ts'
import { answerFailure } from './failures.ts'
import { liveRoutes } from './live.ts'
import { LiveTickets } from './live-tickets.ts'
import { messagesRoute } from './messages.ts'
import { createDocument } from './openapi.ts'
import { operationsRoutes, type OperationsDependencies } from './operations.ts'
import { overviewRoute } from './overview.ts'
import { beginRequest, contextOf, withOwnHost } from './request-context.ts'
import { sequencesRoute } from './sequences.ts'
import { templatesRoute } from './templates.ts'
import { trafficRoute } from './traffic.ts'
import { UnchangedRequests } from './unchanged-requests.ts'
import { workflowsRoute } from './workflows.ts'

export interface AppDependencies extends DashboardDependencies, OperationsDependencies {
  readonly authenticate: Authenticate
  readonly docsAssets: DocsAssets
  readonly live: LiveHub
}

/** Routes anyone may ask; every other path, known or not, needs a token or a key: a route added later is closed until someone opens it here. */
const PUBLIC_PATHS: readonly RegExp[] = [
  /^\/$/,
  /^\/health\/(live|ready)$/,
  /^\/metrics$/,
  /^\/docs$/,
  /^\/docs\/json$/,
  /^\/docs\/assets\/[a-z0-9.-]+$/,
]

const MAX_BODY_BYTES = 1_048_576

const dashboardRoutes = (services: DashboardServices) =>
  new Elysia({ prefix: '/api/v1/analytics' })
    .use(overviewRoute(services))
    .use(messagesRoute(services))
    .use(campaignsRoute(services))
    .use(workflowsRoute(services))
    .use(sequencesRoute(services))
    .use(templatesRoute(services))
    .use(trafficRoute(services))

export function createApp(dependencies: AppDependencies) {
  const { clock, logger, metrics, authenticate } = dependencies
  const unchanged = new UnchangedRequests(dependencies.versions, clock, metrics)
  const services = { ...dependencies, cache: new AnswerCache(), unchanged }
  const dashboards = dashboardRoutes(services)
  const operations = operationsRoutes(dependencies)
  const tickets = new LiveTickets(authenticate, clock)
  const live = liveRoutes({ ...dependencies, tickets })
  const document = createDocument([
    dashboardRoutes(services),
    liveRoutes({ ...dependencies, tickets }),
    operationsRoutes(dependencies),
  ])
  const methodsByPath = new Map<string, string[]>()

  const app = new Elysia({ normalize: false })
    .wrap((fetch) => (request: Request) => unchanged.answer(request) ?? fetch(withOwnHost(request)))
    .onRequest(async ({ request, set }) => {
      const context = beginRequest(request, clock.now())
      set.headers['x-correlation-id'] = context.correlationId
      set.headers['x-content-type-options'] = 'nosniff'
      set.headers['cache-control'] = 'private, no-store'
      const { pathname } = new URL(request.url)
      if (PUBLIC_PATHS.some((pattern) => pattern.test(pathname))) return
      context.principal = tickets.redeem(request) ?? (await authenticate(request.headers))
      if (Number(request.headers.get('content-length')) > MAX_BODY_BYTES)
        throw new ApiFailure('PAYLOAD_TOO_LARGE', `A request body may hold ${MAX_BODY_BYTES} bytes.`)
    })
    .onError(({ error, code, request, set }) => {
      const { correlationId } = contextOf(request)
      const answer = answerFailure(
        code === 'NOT_FOUND' ? missingRoute(request, methodsByPath, set.headers) : translate(error, code),
        correlationId,
      )
      if (answer.isOurs)
        logger[isProbe(request) ? 'debug' : 'error']('request failed', {
          correlationId,
          code: answer.body.error.code,
          error: messageOf(error),
        })
      set.status = answer.status
      for (const [name, value] of Object.entries(answer.headers)) set.headers[name] = value
      return answer.body
    })
    .onAfterResponse(({ request, set, route }) => {
      const { correlationId, startedAt, principal } = contextOf(request)
      const durationMs = clock.now() - startedAt
      const status = typeof set.status === 'number' ? set.status : 200
      metrics.requestSeconds.observe(durationMs / 1000, { route: route || 'none', status: String(status) })
      logger[isProbe(request) || status === 304 ? 'debug' : 'info']('request', {
        method: request.method,
        path: new URL(request.url).pathname,
        status,
        durationMs,
        correlationId,
        tenantId: principal?.tenantId,
        subject: principal?.subject,
      })
    })
    .use(dashboards)
    .use(live)
    .use(operations)
    .use(docsRoutes(document, dependencies.docsAssets))
    .get('/', () => WHERE_THINGS_ARE, { detail: { hide: true } })

  for (const { path, method } of app.routes) {
    const place = withoutEndSlash(path)
    methodsByPath.set(place, [...(methodsByPath.get(place) ?? []), method])
  }
  return app
}

/** Probes and scrapers come every few seconds, polls too: they are worth a line only when someone is looking for them. */
function isProbe(request: Request): boolean {
  return /^\/(health\/|metrics$)/.test(new URL(request.url).pathname)
}

/** For typed clients: `treaty<App>(url)`. */
export type App = ReturnType<typeof createApp>

const WHERE_THINGS_ARE = {
  success: true as const,
  data: {
    name: 'Outreach Analytics',
    docs: '/docs',
    openapi: '/docs/json',
    dashboards: '/api/v1/analytics',
    health: { live: '/health/live', ready: '/health/ready' },
    metrics: '/metrics',
  },
}

function missingRoute(
  request: Request,
  methodsByPath: ReadonlyMap<string, string[]>,
  headers: Record<string, unknown>,
): ApiFailure {
  const methods = methodsByPath
    .get(withoutEndSlash(new URL(request.url).pathname))
    ?.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  if (!methods) return new ApiFailure('NOT_FOUND', 'There is nothing here. GET / says where things are.')
  headers['allow'] = methods.join(', ')
  return new ApiFailure('METHOD_NOT_ALLOWED', `Only ${methods.join(' and ')} are allowed here.`)
}

/** The framework takes a path with a slash at its end for the same one. */
function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** What the framework throws by itself, in our terms; its own messages hold values and never leave. */
function translate(error: unknown, code: unknown): unknown {
  if (error instanceof ApiFailure) return error
  if (code === 'PARSE') return new ApiFailure('VALIDATION_ERROR', 'The request body cannot be read.')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ApiFailure('VALIDATION_ERROR', 'A cookie is invalid.')
  return error
}
