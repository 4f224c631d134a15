import type { Clock } from '../clock.ts'
import type { Principal } from './auth.ts'
import type { FileFormat } from './files/format.ts'
import { targetOf } from './request-target.ts'

/** What we know of a request beside itself. */
export interface RequestContext {
  readonly correlationId: string
  /** When the request arrived, epoch milliseconds. */
  readonly receivedAt: number
  /** The same by the monotonic clock, for its duration. */
  readonly startedAt: number
  /** The address of who asks, for limits and logs. */
  readonly client: string
  /** Whether the path is routed as the client wrote it. */
  readonly isPathPlain: boolean
  /** Who asks; undefined on public routes. */
  principal: Principal | undefined
  /** The form of a file that was asked for, however it was: `Accept` does it too. */
  file: FileFormat | undefined
  /** To be called when it is answered. */
  leave: (() => void) | undefined
}

const contexts = new WeakMap<Request, RequestContext>()
const SANE_ID = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * The same request to a host of our own. The host that a client names means nothing to us, but the framework would look for the path behind its fourth
 * character, and a Host header that is no host would make an address that cannot be read at all.
 */
export function withOwnHost(request: Request): Request {
  return new Request(`http://service${targetOf(request).split('#', 1)[0]}`, request)
}

/** The request's own correlation id if it sent a sane one, else a new one. */
export function correlationIdOf(request: Request): string {
  const sent = request.headers.get('x-correlation-id') ?? ''
  return SANE_ID.test(sent) ? sent : crypto.randomUUID()
}

export function beginRequest(
  request: Request,
  { clock, client, isPathPlain }: Pick<RequestContext, 'client' | 'isPathPlain'> & { readonly clock: Clock },
): RequestContext {
  const context: RequestContext = {
    correlationId: correlationIdOf(request),
    receivedAt: clock.now(),
    startedAt: clock.monotonic(),
    client,
    isPathPlain,
    principal: undefined,
    file: undefined,
    leave: undefined,
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
