/**
 * The live stream as a WebSocket, on Bun: the app responds with one line per message, and each line becomes a text frame.
 */
import type { FetchHandler } from '../../http/pipeline/request-pipeline.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { readLiveLines } from '../live-lines.ts'
import { isLiveSocketResponse, isLiveSocketPath } from '../runtime.ts'

export interface LiveSocket {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  /** Called when the socket's buffer is empty again or the socket is closed. */
  resume: () => void
}

/** Clients have no reason to send messages. */
const MAX_INCOMING_BYTES = 1_024
/**
 * The size of the buffer for a client that does not read. A message is sent only after the previous one was taken, so that a larger buffer holds the runtime's responses to
 * the client's pings: a client that pings without reading is disconnected.
 */
const MAX_UNREAD_BYTES = 65_536
/**
 * The runtime pings a quiet connection 16 s before this time, and ends it at this time when nothing comes back. A ping has to pass well within the 60 s after which proxies
 * such as nginx close a quiet connection.
 */
const IDLE_TIMEOUT_S = 48
const GOING_AWAY = 1001

export function createLiveSocketHandlers(report: ReportUnexpectedError): Bun.WebSocketHandler<LiveSocket> {
  return {
    maxPayloadLength: MAX_INCOMING_BYTES,
    backpressureLimit: MAX_UNREAD_BYTES,
    closeOnBackpressureLimit: true,
    idleTimeout: IDLE_TIMEOUT_S,
    open(socket) {
      forwardLines(socket).catch((error: unknown) => {
        report('socket', error)
        socket.terminate()
      })
    },
    message() {},
    drain: ({ data }) => data.resume(),
    close({ data }) {
      data.resume()
      data.reader.cancel().catch((error: unknown) => report('socket', error))
    },
  }
}

/** Responds with the app's response, or upgrades to a WebSocket where that response is a live stream for one; then there is no response. */
export function respondOrUpgrade(
  request: Request,
  server: Bun.Server<LiveSocket>,
  fetch: FetchHandler,
): Response | Promise<Response | undefined> {
  return isLiveSocketPath(request) ? upgrade(request, server, fetch) : fetch(request)
}

async function upgrade(
  request: Request,
  server: Bun.Server<LiveSocket>,
  fetch: FetchHandler,
): Promise<Response | undefined> {
  const response = await fetch(request)
  if (!isLiveSocketResponse(request, response)) return response
  const data: LiveSocket = { reader: response.body.getReader(), resume: () => {} }
  const correlationId = response.headers.get('x-correlation-id') ?? ''
  if (server.upgrade(request, { data, headers: { 'x-correlation-id': correlationId } })) return undefined
  await data.reader.cancel()
  return new Response(null, { status: 400, headers: { 'x-correlation-id': correlationId } })
}

async function forwardLines(socket: Bun.ServerWebSocket<LiveSocket>): Promise<void> {
  const { data } = socket
  for await (const line of readLiveLines(data.reader)) {
    const drained = new Promise<void>((resolve) => {
      data.resume = resolve
    })
    // -1: the line is buffered. The next line waits in the stream, whose queue is bounded.
    if (socket.sendText(line) === -1) await drained
  }
  socket.close(GOING_AWAY, 'The stream has ended.')
}
