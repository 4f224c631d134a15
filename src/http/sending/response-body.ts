import type { Clock } from '../../base/clock.ts'
import { ResponseReadTimeout } from '../../base/errors.ts'
import { PerTurnGate } from '../../base/event-loop-yielding.ts'
import { byteLengthOf, type Chunks, concatenated } from './chunks.ts'

/** A smaller body is sent at once. */
const MIN_STREAMED_BYTES = 65_536
/** The bytes that a runtime buffers for a connection that does not read. */
const CHUNK_BYTES = 32_768
/**
 * Chunks of all connections in one turn of the event loop. The operating system accepts about a megabyte for a connection that does not read; copying that for many new connections
 * at once would block the loop.
 */
const CHUNKS_PER_TURN = 8
/** The connection of a client that has not read a response after this time is closed. */
const MAX_SEND_MS = 300_000

const gate = new PerTurnGate(CHUNKS_PER_TURN)

/**
 * The body of a response. A large body is sent in small pieces, each when the client has taken the one before: a runtime would buffer a whole body that the client does not
 * read. It ends with an error after five minutes. `hold` is called for a large body, and the function that it returns when the body has ended, whether it was read or not.
 */
export function createResponseBody(
  chunks: Chunks,
  clock: Clock,
  hold: (byteLength: number) => () => void = () => () => {},
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  const byteLength = byteLengthOf(chunks)
  return byteLength < MIN_STREAMED_BYTES ? concatenated(chunks) : createBodyStream(chunks, clock, hold(byteLength))
}

function createBodyStream(chunks: Chunks, clock: Clock, onEnd: () => void): ReadableStream<Uint8Array> {
  let index = 0
  let offset = 0
  let isEnded = false
  let cancelDeadline = () => {}
  const end = () => {
    isEnded = true
    cancelDeadline()
    onEnd()
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        cancelDeadline = clock.after(MAX_SEND_MS, () => {
          end()
          controller.error(new ResponseReadTimeout('The client did not read the response in time.'))
        })
      },
      async pull(controller) {
        await gate.pass()
        if (isEnded) return
        while (index < chunks.length && offset >= chunks[index]!.byteLength) {
          index++
          offset = 0
        }
        const chunk = chunks[index]
        if (chunk) {
          controller.enqueue(chunk.subarray(offset, offset + CHUNK_BYTES))
          offset += CHUNK_BYTES
          return
        }
        end()
        controller.close()
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}
