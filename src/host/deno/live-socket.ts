/**
 * The live stream as a WebSocket, on Deno: the app responds with one line per message, and each line becomes a text frame.
 */
import type { FetchHandler } from '../../http/pipeline/request-pipeline.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { readLiveLines } from '../live-lines.ts'
import { isLiveSocketResponse, isLiveSocketPath } from '../runtime.ts'

/** A client that sends nothing is pinged after half of this time and disconnected after all of it. */
const IDLE_TIMEOUT_S = 60
/** The runtime has no event for a socket's buffer that is empty again, so that it is polled. */
const BUFFER_POLL_MS = 50
const GOING_AWAY = 1001
const INTERNAL_ERROR = 1011

/** Responds with the app's response, or with a WebSocket where that response is a live stream for one. */
export function respondOrUpgrade(
  request: Request,
  fetch: FetchHandler,
  report: ReportUnexpectedError,
): Response | Promise<Response> {
  return isLiveSocketPath(request) ? upgrade(request, fetch, report) : fetch(request)
}

async function upgrade(request: Request, fetch: FetchHandler, report: ReportUnexpectedError): Promise<Response> {
  const appResponse = await fetch(request)
  if (!isLiveSocketResponse(request, appResponse)) return appResponse
  const reader = appResponse.body.getReader()
  const correlationId = appResponse.headers.get('x-correlation-id') ?? ''
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_TIMEOUT_S })
    response.headers.set('x-correlation-id', correlationId)
    const reportSocket = (error: unknown) => report('socket', error)
    socket.addEventListener('open', () => {
      forwardLines(reader, socket).catch((error: unknown) => {
        reportSocket(error)
        socket.close(INTERNAL_ERROR)
      })
    })
    socket.addEventListener('close', () => void reader.cancel().catch(reportSocket))
    // A close event follows each error.
    socket.addEventListener('error', () => {})
    return response
  } catch {
    // The handshake is invalid.
    await reader.cancel()
    return new Response(null, { status: 400, headers: { 'x-correlation-id': correlationId } })
  }
}

async function forwardLines(reader: ReadableStreamDefaultReader<Uint8Array>, socket: WebSocket): Promise<void> {
  for await (const line of readLiveLines(reader)) {
    if (socket.readyState !== WebSocket.OPEN) continue
    socket.send(line)
    // The next line waits in the stream, whose queue is bounded.
    while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > 0)
      await new Promise((resolve) => setTimeout(resolve, BUFFER_POLL_MS))
  }
  if (socket.readyState === WebSocket.OPEN) socket.close(GOING_AWAY, 'The stream has ended.')
}
