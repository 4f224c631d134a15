import type { LiveClient } from '../../live/live-client.ts'
import type { LiveMessage } from '../../live/live-message.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'

/** One message, as bytes: made once for all its readers. */
type MessageEncoder = (message: LiveMessage) => Uint8Array

const encoder = new TextEncoder()
const HEARTBEAT = encoder.encode(': heartbeat\n\n')

const memoized = (text: (message: LiveMessage) => string): MessageEncoder => {
  const encodedMessages = new WeakMap<LiveMessage, Uint8Array>()
  return (message) => {
    let frame = encodedMessages.get(message)
    if (!frame) encodedMessages.set(message, (frame = encoder.encode(text(message))))
    return frame
  }
}

const encodeEvent = memoized(({ id, event, data }) => `id: ${id}\nevent: ${event}\ndata: ${data}\n\n`)
const encodeJsonLine = memoized(({ id, event, data }) => `{"id":"${id}","event":"${event}","data":${data}}\n`)

/** Server-sent events: see the HTML standard. */
export function eventStream(client: LiveClient, report: ReportUnexpectedError): ReadableStream<Uint8Array> {
  return messageStream(client, report, encodeEvent, HEARTBEAT)
}

/** A JSON text a line: what a WebSocket sends, a frame a line. Without heartbeats: a WebSocket has pings. */
export function jsonStream(client: LiveClient, report: ReportUnexpectedError): ReadableStream<Uint8Array> {
  return messageStream(client, report, encodeJsonLine)
}

/** Takes a message when the reader has room for it, and never ahead: what waits, waits in the client's bounded queue. */
function messageStream(
  client: LiveClient,
  report: ReportUnexpectedError,
  encodeMessage: MessageEncoder,
  heartbeat?: Uint8Array,
): ReadableStream<Uint8Array> {
  let isCancelled = false
  return new ReadableStream(
    {
      // The head of an answer leaves with the first bytes, and the first message may be long in coming.
      start: (controller) => heartbeat && controller.enqueue(heartbeat),
      async pull(controller) {
        try {
          for (;;) {
            const next = await client.next()
            // The reader left while it waited: its stream is closed, and closing it once more would throw.
            if (isCancelled) return
            if (next === undefined) return controller.close()
            const bytes = next === 'heartbeat' ? heartbeat : encodeMessage(next)
            if (bytes) return controller.enqueue(bytes)
          }
        } catch (error) {
          // The stream ends; its reader comes back.
          report('socket', error)
          client.close()
          if (!isCancelled) controller.close()
        }
      },
      cancel() {
        isCancelled = true
        client.close()
      },
    },
    { highWaterMark: 0 },
  )
}
