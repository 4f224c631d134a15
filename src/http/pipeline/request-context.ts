import type { Clock } from '../../base/clock.ts'
import type { Principal } from '../auth/authenticator.ts'
import type { ExportFormat } from '../export/response-format.ts'
import { targetOf } from './request-target.ts'

/** What we know of a request beside itself. */
export interface RequestContext {
  readonly correlationId: string
  /** When the request arrived, epoch milliseconds. */
  readonly receivedAt: number
  /** The same by the monotonic clock, for its duration. */
  readonly startedAt: number
  /** The address of who asks, for limits and logs. */
  readonly clientAddress: string
  /** Whether the path is routed as the client wrote it. */
  readonly isPathCanonical: boolean
  /** Who asks; undefined on public routes. */
  principal: Principal | undefined
  /** The form of a file that was asked for, however it was: `Accept` does it too. */
  exportFormat: ExportFormat | undefined
  /** To be called when it is answered. */
  release: (() => void) | undefined
}

const contexts = new WeakMap<Request, RequestContext>()
const VALID_CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * The same request to a host of our own. The host that a client names means nothing to us, but the framework would look for the path behind its fourth
 * character, and a Host header that is no host would make an address that cannot be read at all.
 */
export function withInternalHost(request: Request): Request {
  return new Request(`http://service${targetOf(request).split('#', 1)[0]}`, request)
}

/** The request's own correlation id if it sent a sane one, else a new one. */
export function correlationIdOf(request: Request): string {
  const sent = request.headers.get('x-correlation-id') ?? ''
  return VALID_CORRELATION_ID.test(sent) ? sent : crypto.randomUUID()
}

export function createRequestContext(
  request: Request,
  {
    clock,
    clientAddress: client,
    isPathCanonical: isPathPlain,
  }: Pick<RequestContext, 'clientAddress' | 'isPathCanonical'> & { readonly clock: Clock },
): RequestContext {
  const context: RequestContext = {
    correlationId: correlationIdOf(request),
    receivedAt: clock.now(),
    startedAt: clock.monotonic(),
    clientAddress: client,
    isPathCanonical: isPathPlain,
    principal: undefined,
    exportFormat: undefined,
    release: undefined,
  }
  contexts.set(request, context)
  return context
}

/** The context of a request that has begun. */
export function contextOf(request: Request): RequestContext {
  const context = contexts.get(request)
  if (!context) throw new Error('The request has not begun.')
  return context
}
