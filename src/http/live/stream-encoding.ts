import type { LiveClient } from '../../live/live-client.ts'
import type { LiveMessage } from '../../live/live-message.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'

/** Encodes a message, once for all its readers. */
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

/** One JSON text per line, of which a WebSocket sends each as one frame. There are no heartbeats, as a WebSocket has pings. */
export function jsonStream(client: LiveClient, report: ReportUnexpectedError): ReadableStream<Uint8Array> {
  return messageStream(client, report, encodeJsonLine)
}

/** Takes a message only when the reader has room for it: waiting messages stay in the client's bounded queue. */
function messageStream(
  client: LiveClient,
  report: ReportUnexpectedError,
  encodeMessage: MessageEncoder,
  heartbeat?: Uint8Array,
): ReadableStream<Uint8Array> {
  let isCancelled = false
  return new ReadableStream(
    {
      // The head of a response is sent with the first bytes, and the first message may take long.
      start: (controller) => heartbeat && controller.enqueue(heartbeat),
      async pull(controller) {
        try {
          for (;;) {
            const next = await client.next()
            // The reader left during the wait: its stream is closed already, and closing it again would throw.
            if (isCancelled) return
            if (next === undefined) return controller.close()
            const bytes = next === 'heartbeat' ? heartbeat : encodeMessage(next)
            if (bytes) return controller.enqueue(bytes)
          }
        } catch (error) {
          // The stream ends, and its reader reconnects.
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
