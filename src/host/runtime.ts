/**
 * What Bun and Deno do each in its own way. All else of the process is the same code on both.
 */
import type { FetchHandler } from '../http/pipeline/request-pipeline.ts'
import type { Clock } from '../base/clock.ts'
import { ResponseReadTimeout } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

export interface Runtime {
  /** Takes requests from here on. Throws when the address cannot be had. */
  listen(options: ListenerOptions): Listener
}

export interface ListenerOptions {
  readonly port: number
  readonly hostname: string
  /** The app's paths, with `:name` for a part of any text. */
  readonly paths: readonly string[]
  /** The app, which answers its own failures. */
  readonly fetch: FetchHandler
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
}

export interface Listener {
  /** The one that was found, where any was asked for. */
  readonly port: number
  /** Who is at the other end of the connection that a request came by; undefined when that cannot be told any more. */
  peerAddressOf(request: Request): string | undefined
  /** Whether the address of a request names a path of the app that its request line does not name. */
  isPathRewritten(request: Request): boolean
  /** Takes no more requests. Resolves when those under way are answered. */
  stop(): Promise<void>
}

/**
 * The answer to what goes wrong outside the app's own failure mapper. The runtime's own page would show its inside. Deno also comes here with a failure of a response's body,
 * which is closed then, whatever is answered.
 */
export function unhandledErrorResponse(error: unknown, report: ReportUnexpectedError): Response {
  const correlationId = crypto.randomUUID()
  if (!(error instanceof ResponseReadTimeout)) report('request', error, { correlationId })
  const failure = { code: 'INTERNAL', message: 'Something went wrong on our side.' }
  return Response.json(
    { success: false, error: failure, meta: { correlationId } },
    { status: 500, headers: { 'x-correlation-id': correlationId } },
  )
}

/** The answer to a `Host` header that leaves open what was asked for. */
export function invalidHostResponse(): Response {
  const correlationId = crypto.randomUUID()
  const error = { code: 'VALIDATION_ERROR', message: 'The Host header names no host.' }
  return Response.json(
    { success: false, error, meta: { correlationId } },
    { status: 400, headers: { 'x-correlation-id': correlationId } },
  )
}

/** Whether a request may be for the live stream as a WebSocket: a cheap look, before it is answered. */
export function isLiveSocketPath({ url }: Request): boolean {
  return url.includes('/live/ws')
}

/** Whether the app answered a request for a WebSocket with the lines that go out by it. */
export function isLiveSocketResponse(
  request: Request,
  response: Response,
): response is Response & { readonly body: ReadableStream<Uint8Array> } {
  return (
    request.headers.get('upgrade')?.toLowerCase() === 'websocket' &&
    response.status === 200 &&
    response.headers.get('content-type') === 'application/x-ndjson' &&
    !!response.body
  )
}
