/**
 * The live stream as a WebSocket, on Deno: the app answers the request as it answers any other, with a line a message, and each line becomes a text frame.
 */
import type { FetchHandler } from '../../http/pipeline/request-pipeline.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { isLiveSocketResponse, isLiveSocketPath } from '../runtime.ts'

/** Pinged when nothing came for half as long; let go without an answer. */
const IDLE_TIMEOUT_S = 60
/** The runtime does not say when a socket's buffer is empty again: it is asked so often. */
const BUFFER_POLL_MS = 50
const GOING_AWAY = 1001
const INTERNAL_ERROR = 1011

/** Answers a request, by a WebSocket where the app answers a request for one with a stream. */
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
    // Its own errors are followed by a close.
    socket.addEventListener('error', () => {})
    return response
  } catch {
    // A handshake that is none.
    await reader.cancel()
    return new Response(null, { status: 400, headers: { 'x-correlation-id': correlationId } })
  }
}

async function forwardLines(reader: ReadableStreamDefaultReader<Uint8Array>, socket: WebSocket): Promise<void> {
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || value === undefined) break
    for (const line of decoder.decode(value).split('\n')) {
      if (line === '' || socket.readyState !== WebSocket.OPEN) continue
      socket.send(line)
      // The next one waits, where the queue is bounded.
      while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > 0)
        await new Promise((resolve) => setTimeout(resolve, BUFFER_POLL_MS))
    }
  }
  if (socket.readyState === WebSocket.OPEN) socket.close(GOING_AWAY, 'The stream has ended.')
}
