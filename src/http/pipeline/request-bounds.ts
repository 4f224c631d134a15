import { ApiFailure, invalidParameter } from '../../base/errors.ts'
import { targetOf } from './request-target.ts'

/** Nearly all of it may be one id: 9,000 plain characters, or 800 emoji, each of which is written as twelve (`%F0%9F%98%80`). */
const MAX_TARGET_CHARACTERS = 10_000
const MAX_BODY_BYTES = 1_048_576

/** Throws when there are several `Host` headers, which runtimes join by a comma and a blank: those on the way may have read another one than we do (RFC 9112, 3.2). */
export function requireSingleHost({ headers }: Request): void {
  if (headers.get('host')?.includes(', ')) throw invalidParameter('host', 'A request must have a single Host header.')
}

/** Throws when the address is longer than any honest one. */
export function requireBoundedTarget(request: Request): void {
  if (targetOf(request).length > MAX_TARGET_CHARACTERS)
    throw invalidParameter('url', `The address may have at most ${MAX_TARGET_CHARACTERS} characters.`)
}

/** Throws when the body is too large, or when it does not say how large it is: it would be known only once it is held. */
export function requireBoundedBody({ headers }: Request): void {
  if (Number(headers.get('content-length')) > MAX_BODY_BYTES)
    throw new ApiFailure('PAYLOAD_TOO_LARGE', `A request body may hold at most ${MAX_BODY_BYTES} bytes.`)
  if (headers.has('transfer-encoding')) throw invalidParameter('body', 'A request body must have a Content-Length.')
}
