/**
 * The request pipeline: the order in which every request is handled, on every runtime.
 *
 * 1. A CORS preflight is answered at once.
 * 2. The context is created: correlation id, client address, whether the path is public.
 * 3. The steps follow, in the order of `steps` below. A step answers the request, refuses it, or adds to the context.
 * 4. The router calls the route, which receives the context with the request.
 * 5. A failure of a step or route becomes a response.
 * 6. Headers that every response has are added.
 * 7. The request is recorded in metrics, log and audit trail.
 * 8. CORS headers are added.
 */
import type { Clock } from '../../base/clock.ts'
import type { EventLoopYielder } from '../../base/event-loop-yielding.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { Config } from '../../config.ts'
import type { RequestAuditTrail } from '../audit/request-audit-trail.ts'
import { authenticationStep } from '../auth/authentication-step.ts'
import { AuthenticationThrottle } from '../auth/authentication-throttle.ts'
import type { Authenticate } from '../auth/authenticator.ts'
import type { RecentEntityTags } from '../cache/recent-entity-tags.ts'
import { limitStep } from '../limits/limit-step.ts'
import type { LimitConfig, TenantLimits } from '../limits/tenant-limits.ts'
import type { LiveTickets } from '../live/live-tickets.ts'
import { clientAddressOf, type PeerAddressOf } from './client-address.ts'
import { correlationIdOf } from './correlation-id.ts'
import { CorsPolicy } from './cors-policy.ts'
import { renderError } from './error-response.ts'
import type { FailureResponder } from './failure-responder.ts'
import type { PipelineStep } from './pipeline-step.ts'
import { requireBoundedBody, requireBoundedTarget, requireCanonicalPath, requireSingleHost } from './request-bounds.ts'
import { createRequestContext, type RequestContext, RoutedRequest } from './request-context.ts'
import { createRequestRecorder } from './request-record.ts'
import { type RegisteredRoute, RouteTable } from './routing/route-table.ts'
import { addMissingHeaders, securityHeaders } from './response-headers.ts'

/** The facts about a request that the listener provides. */
export interface ConnectionInfo {
  readonly peerAddressOf: PeerAddressOf
  /** Whether the runtime changed the path that the client wrote before the app received the request; by default it never does. */
  readonly isPathRewritten?: ((request: Request) => boolean) | undefined
}

/** The configuration of access and limits. */
export type RequestPipelineConfig = LimitConfig &
  Pick<Config, 'authFailuresPerMinute' | 'corsOrigins' | 'trustedProxies' | 'hstsSeconds'>

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

/** The parts that the pipeline shares with the routes. */
export interface RequestPipelineParts {
  readonly limits: TenantLimits
  readonly entityTags: RecentEntityTags
  /** Undefined where there are no live tickets. */
  readonly tickets: LiveTickets | undefined
  readonly failureResponse: FailureResponder
  readonly routes: readonly RegisteredRoute[]
}

export type FetchHandler = (request: Request) => Response | Promise<Response>

/** Handles a request. The router receives the request when it has passed the steps before it. Never rejects: the last resort is a 500. */
export type RequestPipeline = (request: Request, router: FetchHandler) => Promise<Response>

export function createRequestPipeline(
  dependencies: RequestPipelineDependencies,
  { limits, entityTags, tickets, failureResponse, routes }: RequestPipelineParts,
): RequestPipeline {
  const { clock, metrics, authenticate, yielder, config, peerAddressOf, report } = dependencies
  const { isPathRewritten = () => false } = dependencies
  const throttle = new AuthenticationThrottle({ perMinute: config.authFailuresPerMinute, clock })
  const corsPolicy = new CorsPolicy(config.corsOrigins)
  const commonHeaders = securityHeaders(config)
  const routeTable = new RouteTable(routes)
  const recordRequest = createRequestRecorder({ ...dependencies, routeTable })

  const findRoute: PipelineStep = (context) => {
    context.route = routeTable.find(context.request.method, context.url.pathname).path
    return undefined
  }

  /** The steps before the router, in their order. */
  const steps: readonly PipelineStep[] = [
    requireSingleHost,
    requireBoundedTarget,
    authenticationStep({ authenticate, throttle, tickets }),
    (context) => entityTags.respond(context),
    requireBoundedBody,
    limitStep(limits, clock),
    requireCanonicalPath,
    findRoute,
  ]

  /** The response of the first step that has one, else of the router. */
  async function respond(context: RequestContext, router: FetchHandler): Promise<Response> {
    for (const step of steps) {
      const response = await step(context)
      if (response) return response
    }
    return router(new RoutedRequest(context))
  }

  async function respondOrFail(context: RequestContext, router: FetchHandler): Promise<Response> {
    const headers = {
      ...commonHeaders,
      'x-correlation-id': context.correlationId,
      'cache-control': 'private, no-store',
    }
    try {
      return addMissingHeaders(await respond(context, router), headers)
    } catch (error) {
      return addMissingHeaders(failureResponse(context, error), headers)
    }
  }

  async function handle(request: Request, router: FetchHandler): Promise<Response> {
    try {
      const context = createRequestContext(request, {
        clock,
        clientAddress: clientAddressOf(request, peerAddressOf(request), config.trustedProxies),
        isPathRewritten: isPathRewritten(request),
      })
      try {
        const response = await yielder.track(() => respondOrFail(context, router))
        record(context, response)
        return response
      } finally {
        context.release?.()
      }
    } catch (error) {
      return lastResort(request, error)
    }
  }

  /** A failure to record a request must not change its response. */
  function record(context: RequestContext, { status }: Response): void {
    try {
      recordRequest(context, status)
    } catch (error) {
      report('hook', error)
    }
  }

  /** The response when the pipeline itself failed. */
  function lastResort(request: Request, error: unknown): Response {
    const correlationId = correlationIdOf(request)
    report('hook', error, { correlationId })
    metrics.requestSeconds.observe(0, { route: 'none', status: '500' })
    const { status, body } = renderError(error, correlationId)
    return Response.json(body, {
      status,
      headers: { ...commonHeaders, 'x-correlation-id': correlationId, 'cache-control': 'private, no-store' },
    })
  }

  return async (request, router) => {
    const response = corsPolicy.preflightResponse(request, commonHeaders) ?? (await handle(request, router))
    return corsPolicy.addHeaders(request, response)
  }
}
