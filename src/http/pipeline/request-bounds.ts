import { ApiFailure, invalidParameter } from '../../base/errors.ts'
import type { RequestContext } from './request-context.ts'
import { notFound } from './routing/route-table.ts'
import { targetOf } from './routing/request-target.ts'

/** Nearly all of it may be one id: 9,000 plain characters, or 800 emoji, each of which is written as twelve (`%F0%9F%98%80`). */
const MAX_TARGET_CHARACTERS = 10_000
const MAX_BODY_BYTES = 1_048_576

/**
 * Refuses a request with several `Host` headers, which runtimes join by a comma and a space: a proxy on the way may have read another one than the service does
 * (RFC 9112, 3.2).
 */
export function requireSingleHost({ request }: RequestContext): undefined {
  if (request.headers.get('host')?.includes(', '))
    throw invalidParameter('host', 'A request must have a single Host header.')
}

/** Refuses an address that is longer than any that clients of the API need. */
export function requireBoundedTarget({ request }: RequestContext): undefined {
  if (targetOf(request).length > MAX_TARGET_CHARACTERS)
    throw invalidParameter('url', `The address may have at most ${MAX_TARGET_CHARACTERS} characters.`)
}

/** Refuses a body that is too large, or whose length is not declared: that would be known only once the body is held in memory. Public routes read no body. */
export function requireBoundedBody({ request: { headers }, isPublic }: RequestContext): undefined {
  if (isPublic) return
  if (Number(headers.get('content-length')) > MAX_BODY_BYTES)
    throw new ApiFailure('PAYLOAD_TOO_LARGE', `A request body may hold at most ${MAX_BODY_BYTES} bytes.`)
  if (headers.has('transfer-encoding')) throw invalidParameter('body', 'A request body must have a Content-Length.')
}

/** Refuses a request whose path would be routed as another path than the one that the client wrote. */
export function requireCanonicalPath({ isPathCanonical }: RequestContext): undefined {
  if (!isPathCanonical) throw notFound()
}
