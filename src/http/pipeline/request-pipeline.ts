/**
 * What every request passes on its way in and out, whatever routes it: who it is from, whether it is too much, what becomes of what goes wrong, and what is kept of it.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import type { Config } from '../../config.ts'
import { ApiFailure, LimitFailure, messageOf, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { RequestAuditTrail } from '../audit/request-audit-trail.ts'
import type { Authenticate } from '../auth/authenticator.ts'
import { clientAddressOf, type PeerAddressOf } from './client-address.ts'
import { credentialOf } from '../auth/credential-headers.ts'
import { CorsPolicy } from './cors-policy.ts'
import { AuthenticationThrottle } from '../auth/authentication-throttle.ts'
import { renderError, type ErrorResponse } from './error-response.ts'
import type { LiveTickets } from '../live/live-tickets.ts'
import { redactedQuery } from '../audit/redacted-query.ts'
import { isProbePath, isPublicPath, RouteTable, notFound } from './route-table.ts'
import { requireSingleHost, requireBoundedBody, requireBoundedTarget } from './request-bounds.ts'
import { createRequestContext, contextOf, correlationIdOf, withInternalHost } from './request-context.ts'
import { hasCanonicalPath } from './request-target.ts'
import { securityHeaders } from './security-headers.ts'
import type { LimitConfig, TenantLimits } from '../limits/tenant-limits.ts'
import type { UnchangedRequests } from '../cache/unchanged-requests.ts'

/** What only the listener knows of a request. */
export interface ConnectionInfo {
  readonly peerAddressOf: PeerAddressOf
  /** Whether the runtime changed the path that the client wrote before it gave us the request; by default it never does. */
  readonly isPathRewritten?: ((request: Request) => boolean) | undefined
}

export interface RequestPipelineDependencies extends ConnectionInfo {
  readonly authenticate: Authenticate
  readonly auditTrail: RequestAuditTrail
  readonly yielder: EventLoopYielder
  readonly config: RequestPipelineConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
}

/** Who is let in, and how much of it. */
export type RequestPipelineConfig = LimitConfig &
  Pick<Config, 'authFailuresPerMinute' | 'corsOrigins' | 'trustedProxies' | 'hstsSeconds'>

/** What the door shares with the routes behind it. */
export interface RequestPipelineParts {
  readonly limits: TenantLimits
  readonly unchanged: UnchangedRequests
  /** Undefined where there are none: then nobody comes in by one. */
  readonly tickets: LiveTickets | undefined
}

/** A request and what is to be said to it. */
interface Exchange {
  readonly request: Request
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

export type FetchHandler = (request: Request) => Response | Promise<Response>

/** A client that comes back at once although it was refused gets through ten times a second for each of its connections: refusing is work too. */
const REJECTION_DELAY_MS = 100
/** What of a path is logged. */
const MAX_LOGGED_PATH_CHARACTERS = 200

export interface RequestPipeline {
  /** What there is: everything else is missing. To be called once, before the first request. */
  registerRoutes(routes: readonly { readonly method: string; readonly path: string }[]): void
  /** Goes around whatever answers requests. What it gives never throws or rejects: the last resort is a 500. */
  wrap(next: (request: Request) => Promise<Response>): FetchHandler
  /** Lets a request in. Rejects with an ApiFailure. */
  onRequest(passing: Exchange): Promise<void>
  /** Makes an answer of what was thrown; `code` is what the framework calls it. */
  onError(passing: Exchange & { readonly error: unknown; readonly code: unknown }): ErrorResponse
  /** Keeps what is to be kept of a request that was answered. Never throws: it runs where nobody catches anything. */
  onResponse(passing: Exchange & { readonly route?: string }): void
}

export function createRequestPipeline(
  dependencies: RequestPipelineDependencies,
  { limits, unchanged, tickets }: RequestPipelineParts,
): RequestPipeline {
  const { clock, logger, metrics, authenticate, auditTrail, yielder, config, peerAddressOf, report } = dependencies
  const { isPathRewritten = () => false } = dependencies
  const throttle = new AuthenticationThrottle({ perMinute: config.authFailuresPerMinute, clock })
  const corsPolicy = new CorsPolicy(config.corsOrigins)
  const commonHeaders = securityHeaders(config)
  const routeTable = new RouteTable()

  /** The answer where a hook of ours failed, so that the app has none. */
  const respondUnexpected = (request: Request, error: unknown): Response => {
    const correlationId = correlationIdOf(request)
    report('hook', error, { correlationId })
    metrics.requestSeconds.observe(0, { route: 'none', status: '500' })
    const { status, body } = renderError(error, correlationId)
    return Response.json(body, {
      status,
      headers: { ...commonHeaders, 'x-correlation-id': correlationId, 'cache-control': 'private, no-store' },
    })
  }

  const recordRequest = ({ request, set, route }: Parameters<RequestPipeline['onResponse']>[0]): void => {
    const { correlationId, receivedAt, startedAt, clientAddress, principal, exportFormat } = contextOf(request)
    const { pathname, search } = new URL(request.url)
    const elapsedMs = clock.monotonic() - startedAt
    const durationMs = Math.round(elapsedMs)
    const status = typeof set.status === 'number' ? set.status : 200
    metrics.requestSeconds.observe(elapsedMs / 1000, { route: route || 'none', status: String(status) })
    logger[isProbePath(pathname) || status === 304 ? 'debug' : 'info']('request', {
      method: request.method,
      path: pathname.slice(0, MAX_LOGGED_PATH_CHARACTERS),
      status,
      durationMs,
      correlationId,
      client: clientAddress,
      tenantId: principal?.tenantId,
      subject: principal?.subject,
    })
    if (principal || status === 401)
      auditTrail.record({
        requestedAt: receivedAt,
        tenantId: principal?.tenantId ?? '',
        subject: principal?.subject ?? '',
        route: routeTable.routeOf(pathname),
        parameters: redactedQuery(search, exportFormat),
        status,
        durationMs,
        correlationId,
      })
  }

  return {
    registerRoutes: (routes) => routeTable.register(routes),

    wrap(next) {
      const handle = async (request: Request) => {
        try {
          const internalRequest = withInternalHost(request)
          const clientAddress = clientAddressOf(request, peerAddressOf(request), config.trustedProxies)
          const isPathCanonical = hasCanonicalPath(request) && !isPathRewritten(request)
          const context = createRequestContext(internalRequest, { clock, clientAddress, isPathCanonical })
          try {
            return await yielder.track(() => next(internalRequest))
          } finally {
            context.release?.()
          }
        } catch (error) {
          return respondUnexpected(request, error)
        }
      }
      const respond = (request: Request) => {
        try {
          return (isPathRewritten(request) ? undefined : unchanged.respond(request)) ?? handle(request)
        } catch (error) {
          return respondUnexpected(request, error)
        }
      }
      if (!corsPolicy.isEnabled) return respond
      return (request) =>
        corsPolicy.respond(request, commonHeaders, respond).catch((error: unknown) => respondUnexpected(request, error))
    },

    async onRequest({ request, set }) {
      const context = contextOf(request)
      Object.assign(set.headers, commonHeaders)
      set.headers['x-correlation-id'] = context.correlationId
      set.headers['cache-control'] = 'private, no-store'
      requireSingleHost(request)
      requireBoundedTarget(request)
      const { pathname } = new URL(request.url)
      if (context.isPathCanonical && isPublicPath(pathname)) return
      // A ticket is 256 bits, looked up: nobody guesses one, so that bad ones need not be counted.
      context.principal =
        tickets?.redeem(request) ??
        (await throttle.authenticate(context.clientAddress, credentialOf(request), () => authenticate(request.headers)))
      const { tenantId } = context.principal
      context.release = limits.track(tenantId)
      requireBoundedBody(request)
      await limits.admit(tenantId).catch(async (error: unknown) => {
        await sleep(clock, REJECTION_DELAY_MS)
        throw error
      })
      if (!context.isPathCanonical) throw notFound()
    },

    onError({ error, code, request, set }) {
      const { correlationId, principal } = contextOf(request)
      const { pathname } = new URL(request.url)
      if (principal) Object.assign(set.headers, limits.headers(principal.tenantId))
      if (error instanceof LimitFailure) metrics.requestsLimited.add(1, { reason: error.reason })
      let failure = toKnownFailure(error, code)
      // A route that says so itself is there, and means what it says.
      if (code === 'NOT_FOUND' && !(error instanceof ApiFailure)) {
        const missing = routeTable.explainNoMatch(pathname)
        if (missing.methods.length > 0) set.headers['allow'] = missing.methods.join(', ')
        failure = missing.failure
      }
      const rendered = renderError(failure, correlationId)
      if (!(failure instanceof ApiFailure || failure instanceof StoreFailure))
        report('request', failure, { correlationId })
      else if (rendered.isServerError)
        logger[isProbePath(pathname) ? 'debug' : 'error']('request failed', {
          correlationId,
          code: rendered.body.error.code,
          error: messageOf(error),
        })
      set.status = rendered.status
      for (const [name, value] of Object.entries(rendered.headers)) set.headers[name] = value
      return rendered.body
    },

    onResponse(passing) {
      try {
        recordRequest(passing)
      } catch (error) {
        report('hook', error)
      }
    },
  }
}

/** What the framework throws by itself, in our terms; its own messages hold values and never leave. */
function toKnownFailure(error: unknown, code: unknown): unknown {
  if (error instanceof ApiFailure) return error
  if (code === 'PARSE') return new ApiFailure('VALIDATION_ERROR', 'The request body cannot be read.')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ApiFailure('VALIDATION_ERROR', 'A cookie is invalid.')
  return error
}
