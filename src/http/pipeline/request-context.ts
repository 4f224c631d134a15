/**
 * The request context: the facts about a request that the steps of the pipeline collect.
 */
import type { Clock } from '../../base/clock.ts'
import type { LiveAuthorization } from '../live/live-tickets.ts'
import type { Principal } from '../auth/authenticator.ts'
import type { ExportFormat } from '../export/response-format.ts'
import { isPublicPath } from '../routes.ts'
import { correlationIdOf } from './correlation-id.ts'
import { hasCanonicalPath, targetOf } from './routing/request-target.ts'

/** Created when a request arrives. Each step of the pipeline adds the facts that later steps need. */
export interface RequestContext {
  /** The request as the runtime received it. */
  readonly request: Request
  /** Path and query of the request, under an internal host. */
  readonly url: URL
  readonly correlationId: string
  /** When the request arrived, epoch milliseconds. */
  readonly receivedAt: number
  /** The same by the monotonic clock, for its duration. */
  readonly startedAt: number
  /** The address of the client, for limits and logs. */
  readonly clientAddress: string
  /** Whether the path is routed as the client wrote it. */
  readonly isPathCanonical: boolean
  /** Whether the path needs no credentials. */
  readonly isPublic: boolean
  /** Added by authentication; undefined on public paths. */
  principal: Principal | undefined
  /** Added by authentication when the request has a live ticket. */
  liveAuthorization: LiveAuthorization | undefined
  /** Added by the limits: to be called when the request is done. */
  release: (() => void) | undefined
  /** Added when the route is found: its path, as it was registered. */
  route: string | undefined
  /** Added by the route: the format of a requested file, whether a parameter or the header `Accept` selects it. */
  exportFormat: ExportFormat | undefined
  /** Added by the route: whom the request looks up, as names and hashes of ids, for the audit trail. */
  lookedUp: readonly string[]
  /** Added by a route with a body: its part without free text, for the audit trail. */
  auditedBody: string | undefined
}

/** The context of a request that has passed authentication. */
export interface AuthenticatedContext extends RequestContext {
  principal: Principal
}

/** The facts about a request that come from the runtime and the configuration. */
export interface RequestOrigin {
  readonly clock: Clock
  readonly clientAddress: string
  /** Whether the runtime changed the path that the client wrote. */
  readonly isPathRewritten: boolean
}

export function createRequestContext(
  request: Request,
  { clock, clientAddress, isPathRewritten }: RequestOrigin,
): RequestContext {
  const url = internalUrlOf(request)
  const isPathCanonical = !isPathRewritten && hasCanonicalPath(request)
  return {
    request,
    url,
    correlationId: correlationIdOf(request),
    receivedAt: clock.now(),
    startedAt: clock.monotonic(),
    clientAddress,
    isPathCanonical,
    isPublic: isPathCanonical && isPublicPath(url.pathname),
    principal: undefined,
    liveAuthorization: undefined,
    release: undefined,
    route: undefined,
    exportFormat: undefined,
    lookedUp: [],
    auditedBody: undefined,
  }
}

/**
 * The address of the request under an internal host. The host that a client names has no meaning for the service, but the router would look for the path after its fourth
 * character, and a Host header that is not a host name would make an invalid address.
 */
function internalUrlOf(request: Request): URL {
  return new URL(`http://service${targetOf(request).split('#', 1)[0]}`)
}

/** The request as the router receives it: with an internal address, and with its context. */
export class RoutedRequest extends Request {
  readonly context: RequestContext

  constructor(context: RequestContext) {
    super(context.url, context.request)
    this.context = context
  }
}

/** The context of a request that the pipeline has given to the router. */
export function contextOf(request: Request): RequestContext {
  if (!(request instanceof RoutedRequest)) throw new Error('The request did not come through the pipeline.')
  return request.context
}

/** The same for routes that need credentials. */
export function authenticatedContextOf(request: Request): AuthenticatedContext {
  const context = contextOf(request)
  if (!isAuthenticated(context)) throw new Error('The request was routed without a principal.')
  return context
}

function isAuthenticated(context: RequestContext): context is AuthenticatedContext {
  return context.principal !== undefined
}
