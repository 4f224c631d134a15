/**
 * The live stream as a WebSocket, on Bun: the app answers the request as it answers any other, with a line a message, and each line becomes a text frame.
 */
import type { FetchHandler } from '../../http/pipeline/request-pipeline.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import { isLiveSocketResponse, isLiveSocketPath } from '../runtime.ts'

export interface LiveSocket {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>
  /** Called when there is room again, or nobody to have any. */
  goOn: () => void
}

/** Clients have nothing to say. */
const MAX_INCOMING_BYTES = 1_024
/**
 * What is held for a client that does not read. A message is only given to it when it has taken the one before, so that what piles up beyond this is the runtime's answers to
 * its pings: whoever pings without reading is cut off.
 */
const MAX_UNREAD_BYTES = 65_536
const GOING_AWAY = 1001

export function createLiveSocketHandlers(report: ReportUnexpectedError): Bun.WebSocketHandler<LiveSocket> {
  return {
    maxPayloadLength: MAX_INCOMING_BYTES,
    backpressureLimit: MAX_UNREAD_BYTES,
    closeOnBackpressureLimit: true,
    open(socket) {
      forwardLines(socket).catch((error: unknown) => {
        report('socket', error)
        socket.terminate()
      })
    },
    message() {},
    drain: ({ data }) => data.goOn(),
    close({ data }) {
      data.goOn()
      data.reader.cancel().catch((error: unknown) => report('socket', error))
    },
  }
}

/** Answers a request, by a WebSocket where the app answers a request for one with a stream: then there is nothing left to answer. */
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
  const data: LiveSocket = { reader: response.body.getReader(), goOn: () => {} }
  const correlationId = response.headers.get('x-correlation-id') ?? ''
  if (server.upgrade(request, { data, headers: { 'x-correlation-id': correlationId } })) return undefined
  await data.reader.cancel()
  return new Response(null, { status: 400, headers: { 'x-correlation-id': correlationId } })
}

async function forwardLines(socket: Bun.ServerWebSocket<LiveSocket>): Promise<void> {
  const decoder = new TextDecoder()
  const { data } = socket
  for (;;) {
    const { done, value } = await data.reader.read().catch(() => ({ done: true, value: undefined }))
    if (done || value === undefined) break
    for (const line of decoder.decode(value).split('\n')) {
      if (line === '') continue
      const drained = new Promise<void>((resolve) => {
        data.goOn = resolve
      })
      // Taken, but not sent yet: the next one waits, where the queue is bounded.
      if (socket.sendText(line) === -1) await drained
    }
  }
  socket.close(GOING_AWAY, 'The stream has ended.')
}
