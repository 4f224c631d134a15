/**
 * What every request passes on its way in and out, whatever routes it: who it is from, whether it is too much, what becomes of what goes wrong, and what is kept of it.
 */
import { type Clock, sleep } from '../clock.ts'
import type { Config } from '../config.ts'
import { ApiFailure, LimitFailure, messageOf, StoreFailure } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Turns } from '../turns.ts'
import type { ReportUnexpectedError } from '../unexpected-errors.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Authenticate } from './auth.ts'
import { clientAddressOf, type PeerAddressOf } from './client-address.ts'
import { credentialOf } from './credential-headers.ts'
import { CrossOrigin } from './cross-origin.ts'
import { FailedCredentials } from './failed-credentials.ts'
import { answerFailure, type Failure } from './failures.ts'
import type { LiveTickets } from './live-tickets.ts'
import { parameterShape } from './parameter-shape.ts'
import { isProbePath, isPublicPath, KnownPaths, nothingHere } from './paths.ts'
import { requireOneHost, requireSaneBody, requireSaneTarget } from './request-bounds.ts'
import { beginRequest, contextOf, correlationIdOf, withOwnHost } from './request-context.ts'
import { hasPlainPath } from './request-target.ts'
import { securityHeaders } from './security-headers.ts'
import type { LimitConfig, TenantLimits } from './tenant-limits.ts'
import type { UnchangedRequests } from './unchanged-requests.ts'

/** What only the listener knows of a request. */
export interface RequestFacts {
  readonly peerAddressOf: PeerAddressOf
  /** Whether the runtime changed the path that the client wrote before it gave us the request; by default it never does. */
  readonly isPathRewritten?: ((request: Request) => boolean) | undefined
}

export interface DoorDependencies extends RequestFacts {
  readonly authenticate: Authenticate
  readonly trail: AuditTrail
  readonly turns: Turns
  readonly config: DoorConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly report: ReportUnexpectedError
}

/** Who is let in, and how much of it. */
export type DoorConfig = LimitConfig &
  Pick<Config, 'failedCredentialsPerMinute' | 'corsOrigins' | 'trustedProxies' | 'hstsSeconds'>

/** What the door shares with the routes behind it. */
export interface DoorParts {
  readonly limits: TenantLimits
  readonly unchanged: UnchangedRequests
  /** Undefined where there are none: then nobody comes in by one. */
  readonly tickets: LiveTickets | undefined
}

/** A request and what is to be said to it. */
interface Passing {
  readonly request: Request
  readonly set: { status?: number | string; readonly headers: Record<string, unknown> }
}

export type Fetch = (request: Request) => Response | Promise<Response>

/** A client that comes back at once although it was refused gets through ten times a second for each of its connections: refusing is work too. */
const REFUSAL_DELAY_MS = 100
/** What of a path is logged. */
const MAX_LOGGED_PATH = 200

export interface Door {
  /** What there is: everything else is missing. To be called once, before the first request. */
  know(routes: readonly { readonly method: string; readonly path: string }[]): void
  /** Goes around whatever answers requests. What it gives never throws or rejects: the last resort is a 500. */
  around(ask: (request: Request) => Promise<Response>): Fetch
  /** Lets a request in. Rejects with an ApiFailure. */
  enter(passing: Passing): Promise<void>
  /** Makes an answer of what was thrown; `code` is what the framework calls it. */
  refuse(passing: Passing & { readonly error: unknown; readonly code: unknown }): Failure
  /** Keeps what is to be kept of a request that was answered. Never throws: it runs where nobody catches anything. */
  leave(passing: Passing & { readonly route?: string }): void
}

export function createDoor(dependencies: DoorDependencies, { limits, unchanged, tickets }: DoorParts): Door {
  const { clock, logger, metrics, authenticate, trail, turns, config, peerAddressOf, report } = dependencies
  const { isPathRewritten = () => false } = dependencies
  const credentials = new FailedCredentials({ perMinute: config.failedCredentialsPerMinute, clock })
  const crossOrigin = new CrossOrigin(config.corsOrigins)
  const headers = securityHeaders(config)
  const known = new KnownPaths()

  /** The answer where a hook of ours failed, so that the app has none. */
  const answerUnexpected = (request: Request, error: unknown): Response => {
    const correlationId = correlationIdOf(request)
    report('hook', error, { correlationId })
    metrics.requestSeconds.observe(0, { route: 'none', status: '500' })
    const { status, body } = answerFailure(error, correlationId)
    return Response.json(body, {
      status,
      headers: { ...headers, 'x-correlation-id': correlationId, 'cache-control': 'private, no-store' },
    })
  }

  const keep = ({ request, set, route }: Parameters<Door['leave']>[0]): void => {
    const { correlationId, receivedAt, startedAt, client, principal, file } = contextOf(request)
    const { pathname, search } = new URL(request.url)
    const elapsedMs = clock.monotonic() - startedAt
    const durationMs = Math.round(elapsedMs)
    const status = typeof set.status === 'number' ? set.status : 200
    metrics.requestSeconds.observe(elapsedMs / 1000, { route: route || 'none', status: String(status) })
    logger[isProbePath(pathname) || status === 304 ? 'debug' : 'info']('request', {
      method: request.method,
      path: pathname.slice(0, MAX_LOGGED_PATH),
      status,
      durationMs,
      correlationId,
      client,
      tenantId: principal?.tenantId,
      subject: principal?.subject,
    })
    if (principal || status === 401)
      trail.record({
        askedAt: receivedAt,
        tenantId: principal?.tenantId ?? '',
        subject: principal?.subject ?? '',
        route: known.routeOf(pathname),
        parameters: parameterShape(search, file),
        status,
        durationMs,
        correlationId,
      })
  }

  return {
    know: (routes) => known.add(routes),

    around(ask) {
      const enter = async (request: Request) => {
        try {
          const own = withOwnHost(request)
          const client = clientAddressOf(request, peerAddressOf(request), config.trustedProxies)
          const isPathPlain = hasPlainPath(request) && !isPathRewritten(request)
          const context = beginRequest(own, { clock, client, isPathPlain })
          try {
            return await turns.serve(() => ask(own))
          } finally {
            context.leave?.()
          }
        } catch (error) {
          return answerUnexpected(request, error)
        }
      }
      const answer = (request: Request) => {
        try {
          return (isPathRewritten(request) ? undefined : unchanged.answer(request)) ?? enter(request)
        } catch (error) {
          return answerUnexpected(request, error)
        }
      }
      if (!crossOrigin.isOn) return answer
      return (request) =>
        crossOrigin.answer(request, headers, answer).catch((error: unknown) => answerUnexpected(request, error))
    },

    async enter({ request, set }) {
      const context = contextOf(request)
      Object.assign(set.headers, headers)
      set.headers['x-correlation-id'] = context.correlationId
      set.headers['cache-control'] = 'private, no-store'
      requireOneHost(request)
      requireSaneTarget(request)
      const { pathname } = new URL(request.url)
      if (context.isPathPlain && isPublicPath(pathname)) return
      // A ticket is 256 bits, looked up: nobody guesses one, so that bad ones need not be counted.
      context.principal =
        tickets?.redeem(request) ??
        (await credentials.check(context.client, credentialOf(request), () => authenticate(request.headers)))
      const { tenantId } = context.principal
      context.leave = limits.enter(tenantId)
      requireSaneBody(request)
      await limits.look(tenantId).catch(async (error: unknown) => {
        await sleep(clock, REFUSAL_DELAY_MS)
        throw error
      })
      if (!context.isPathPlain) throw nothingHere()
    },

    refuse({ error, code, request, set }) {
      const { correlationId, principal } = contextOf(request)
      const { pathname } = new URL(request.url)
      if (principal) Object.assign(set.headers, limits.headers(principal.tenantId))
      if (error instanceof LimitFailure) metrics.requestsLimited.add(1, { reason: error.reason })
      let failure = translate(error, code)
      // A route that says so itself is there, and means what it says.
      if (code === 'NOT_FOUND' && !(error instanceof ApiFailure)) {
        const missing = known.missing(pathname)
        if (missing.methods.length > 0) set.headers['allow'] = missing.methods.join(', ')
        failure = missing.failure
      }
      const answer = answerFailure(failure, correlationId)
      if (!(failure instanceof ApiFailure || failure instanceof StoreFailure))
        report('request', failure, { correlationId })
      else if (answer.isOurs)
        logger[isProbePath(pathname) ? 'debug' : 'error']('request failed', {
          correlationId,
          code: answer.body.error.code,
          error: messageOf(error),
        })
      set.status = answer.status
      for (const [name, value] of Object.entries(answer.headers)) set.headers[name] = value
      return answer.body
    },

    leave(passing) {
      try {
        keep(passing)
      } catch (error) {
        report('hook', error)
      }
    },
  }
}

/** What the framework throws by itself, in our terms; its own messages hold values and never leave. */
function translate(error: unknown, code: unknown): unknown {
  if (error instanceof ApiFailure) return error
  if (code === 'PARSE') return new ApiFailure('VALIDATION_ERROR', 'The request body cannot be read.')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ApiFailure('VALIDATION_ERROR', 'A cookie is invalid.')
  return error
}
