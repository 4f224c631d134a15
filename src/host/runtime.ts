/**
 * The interface that the adapters of Bun and Deno implement. All other code of the process is the same on both.
 */
import type { Platform } from '../assembly/platform.ts'
import type { FetchHandler } from '../http/pipeline/request-pipeline.ts'
import type { Clock } from '../base/clock.ts'
import { ResponseReadTimeout, StartFailure } from '../base/errors.ts'
import type { Logger } from '../base/logger.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'

export interface Runtime {
  readonly sha1: Platform['sha1']
  /** Starts to accept requests. Throws when the address cannot be bound, see `bindFailureOf`. */
  listen(options: ListenerOptions): Listener
}

export interface ListenerOptions {
  readonly port: number
  readonly hostname: string
  /** The app's paths, with `:name` for a segment of any text. */
  readonly paths: readonly string[]
  /** The app, which maps its own failures to responses. */
  readonly fetch: FetchHandler
  readonly clock: Clock
  readonly logger: Logger
  readonly report: ReportUnexpectedError
}

export interface Listener {
  /** The bound port, also where the configured port is 0. */
  readonly port: number
  /** The address of the client of a request; undefined when its connection is closed. */
  peerAddressOf(request: Request): string | undefined
  /** Whether the URL of a request names a path of the app that its request line does not name. */
  isPathRewritten(request: Request): boolean
  /** Accepts no more requests. Resolves when all pending requests have their response. */
  stop(): Promise<void>
}

/** What a thrown error of `listen` means for the start: a StartFailure when another process uses the port, else the error itself. */
export function bindFailureOf(error: unknown, port: number): unknown {
  const { code, name } = error as { readonly code?: unknown; readonly name?: unknown }
  // The names of Bun and Deno.
  if (code !== 'EADDRINUSE' && name !== 'AddrInUse') return error
  return new StartFailure(`Port ${port} is in use by another process. Stop that one, or set PORT to another port.`)
}

/**
 * The response to an error outside the app's failure mapper; the runtime's own error page would show internals. Deno also calls this for a failure of a response's body
 * and then closes the connection, whatever the response is.
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

/** The response to a `Host` header that makes the requested URL ambiguous. */
export function invalidHostResponse(): Response {
  const correlationId = crypto.randomUUID()
  const error = { code: 'VALIDATION_ERROR', message: 'The Host header names no host.' }
  return Response.json(
    { success: false, error, meta: { correlationId } },
    { status: 400, headers: { 'x-correlation-id': correlationId } },
  )
}

/** Whether a request may be for the live stream as a WebSocket: a cheap check before the app handles it. */
export function isLiveSocketPath({ url }: Request): boolean {
  return url.includes('/live/ws')
}

/** Whether the app's response to a request for a WebSocket is the stream of lines to send. */
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
