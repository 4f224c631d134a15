/**
 * What every request passes on its way in and out, whatever routes it: who it is from, whether it is too much, what becomes of what goes wrong, and what is kept of it.
 */
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { ApiFailure, LimitFailure, messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Turns } from '../turns.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Authenticate } from './auth.ts'
import { clientAddressOf, type PeerAddressOf } from './client-address.ts'
import { credentialOf } from './credential-headers.ts'
import { CrossOrigin } from './cross-origin.ts'
import { FailedCredentials } from './failed-credentials.ts'
import { answerFailure, type Failure } from './failures.ts'
import type { LiveTickets } from './live-tickets.ts'
import { parameterShape } from './parameter-shape.ts'
import { requireSaneBody, requireSaneTarget } from './request-bounds.ts'
import { beginRequest, contextOf, withOwnHost } from './request-context.ts'
import { securityHeaders } from './security-headers.ts'
import type { LimitConfig, TenantLimits } from './tenant-limits.ts'
import type { UnchangedRequests } from './unchanged-requests.ts'

export interface DoorDependencies {
  readonly authenticate: Authenticate
  readonly trail: AuditTrail
  readonly turns: Turns
  readonly config: DoorConfig
  readonly peerAddressOf: PeerAddressOf
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
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

/** Routes anyone may ask; every other path, known or not, needs a token or a key: a route added later is closed until someone opens it here. */
const PUBLIC_PATHS: readonly RegExp[] = [
  /^\/$/,
  /^\/health\/(live|ready)$/,
  /^\/metrics$/,
  /^\/docs\/?$/,
  /^\/docs\/json$/,
  /^\/docs\/assets\/[a-z0-9.-]+$/,
  /^\/dashboard\/?$/,
  /^\/dashboard\/assets\/[A-Za-z0-9._-]+$/,
  /^\/dashboard\/session$/,
]

/** What of a path is logged. */
const MAX_LOGGED_PATH = 200

export interface Door {
  /** What there is: everything else is missing. To be called once, before the first request. */
  know(routes: readonly { readonly method: string; readonly path: string }[]): void
  /** Goes around whatever answers requests. */
  around(ask: (request: Request) => Promise<Response>): Fetch
  /** Lets a request in. Rejects with an ApiFailure. */
  enter(passing: Passing): Promise<void>
  /** Makes an answer of what was thrown; `code` is what the framework calls it. */
  refuse(passing: Passing & { readonly error: unknown; readonly code: unknown }): Failure
  /** Keeps what is to be kept of a request that was answered. */
  leave(passing: Passing & { readonly route?: string }): void
}

export function createDoor(dependencies: DoorDependencies, { limits, unchanged, tickets }: DoorParts): Door {
  const { clock, logger, metrics, authenticate, trail, turns, config, peerAddressOf } = dependencies
  const credentials = new FailedCredentials({ perMinute: config.failedCredentialsPerMinute, clock })
  const crossOrigin = new CrossOrigin(config.corsOrigins)
  const headers = securityHeaders(config)
  const methodsByPath = new Map<string, string[]>()

  return {
    know(routes) {
      for (const { path, method } of routes) {
        const place = withoutEndSlash(path)
        methodsByPath.set(place, [...(methodsByPath.get(place) ?? []), method])
      }
    },

    around(ask) {
      const enter = async (request: Request) => {
        const own = withOwnHost(request)
        const client = clientAddressOf(request, peerAddressOf(request), config.trustedProxies)
        const context = beginRequest(own, clock, client)
        try {
          return await turns.serve(() => ask(own))
        } finally {
          context.leave?.()
        }
      }
      const answer = (request: Request) => unchanged.answer(request) ?? enter(request)
      return crossOrigin.isOn ? (request) => crossOrigin.answer(request, headers, answer) : answer
    },

    async enter({ request, set }) {
      const context = contextOf(request)
      Object.assign(set.headers, headers)
      set.headers['x-correlation-id'] = context.correlationId
      set.headers['cache-control'] = 'private, no-store'
      requireSaneTarget(request)
      const { pathname } = new URL(request.url)
      if (PUBLIC_PATHS.some((pattern) => pattern.test(pathname))) return
      // A ticket is 256 bits, looked up: nobody guesses one, so that bad ones need not be counted.
      context.principal =
        tickets?.redeem(request) ??
        (await credentials.check(context.client, credentialOf(request), () => authenticate(request.headers)))
      const { tenantId } = context.principal
      context.leave = limits.enter(tenantId)
      requireSaneBody(request)
      await limits.look(tenantId)
    },

    refuse({ error, code, request, set }) {
      const { correlationId, principal } = contextOf(request)
      if (principal) Object.assign(set.headers, limits.headers(principal.tenantId))
      if (error instanceof LimitFailure) metrics.requestsLimited.add(1, { reason: error.reason })
      const answer = answerFailure(
        // A route that says so itself is there, and means what it says.
        code === 'NOT_FOUND' && !(error instanceof ApiFailure)
          ? missingRoute(request, methodsByPath, set.headers)
          : translate(error, code),
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
    },

    leave({ request, set, route }) {
      const { correlationId, receivedAt, startedAt, client, principal, file } = contextOf(request)
      const elapsedMs = clock.monotonic() - startedAt
      const durationMs = Math.round(elapsedMs)
      const status = typeof set.status === 'number' ? set.status : 200
      metrics.requestSeconds.observe(elapsedMs / 1000, { route: route || 'none', status: String(status) })
      logger[isProbe(request) || status === 304 ? 'debug' : 'info']('request', {
        method: request.method,
        path: new URL(request.url).pathname.slice(0, MAX_LOGGED_PATH),
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
          route: knownRoute(request, methodsByPath),
          parameters: parameterShape(new URL(request.url).search, file),
          status,
          durationMs,
          correlationId,
        })
    },
  }
}

/** Probes and scrapers come every few seconds, polls too: they are worth a line only when someone is looking for them. */
function isProbe(request: Request): boolean {
  return /^\/(health\/|metrics$)/.test(new URL(request.url).pathname)
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

/** The path where it is one of ours: any other is text that a stranger wrote. */
function knownRoute(request: Request, methodsByPath: ReadonlyMap<string, string[]>): string {
  const path = withoutEndSlash(new URL(request.url).pathname)
  return methodsByPath.has(path) ? path : 'none'
}

/** The framework takes a path with a slash at its end for the same one. */
export function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

/** What the framework throws by itself, in our terms; its own messages hold values and never leave. */
function translate(error: unknown, code: unknown): unknown {
  if (error instanceof ApiFailure) return error
  if (code === 'PARSE') return new ApiFailure('VALIDATION_ERROR', 'The request body cannot be read.')
  if (code === 'INVALID_COOKIE_SIGNATURE') return new ApiFailure('VALIDATION_ERROR', 'A cookie is invalid.')
  return error
}
