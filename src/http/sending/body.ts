import type { Clock } from '../../clock.ts'
import { UnreadResponse } from '../../errors.ts'
import { TurnGate } from '../../turns.ts'
import { byteLengthOf, type Chunks, joined } from './chunks.ts'

/** A smaller body is given at once. */
const MIN_STREAMED_BYTES = 65_536
/** What a runtime holds for a connection that does not read. */
const PIECE_BYTES = 32_768
/**
 * All connections together, in one turn of the event loop: the system takes about a megabyte for a connection that does not read, so that a crowd of new ones would hold
 * the loop for as long as it takes to copy that for each of them.
 */
const PIECES_A_TURN = 8
/** A client that has not read a response after so long is cut off. */
const MAX_SEND_MS = 300_000

const gate = new TurnGate(PIECES_A_TURN)

/**
 * A response's body. A large one comes in small pieces, each given when the client has taken the one before: a runtime copies all of a body that it is given at once and
 * that the client does not read. It ends with an error after five minutes. `hold` is called for a large body, and what it returns when that has ended, however it ended.
 */
export function bodyOf(
  chunks: Chunks,
  clock: Clock,
  hold: (byteLength: number) => () => void = () => () => {},
): Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  const byteLength = byteLengthOf(chunks)
  return byteLength < MIN_STREAMED_BYTES ? joined(chunks) : streamOf(chunks, clock, hold(byteLength))
}

function streamOf(chunks: Chunks, clock: Clock, onEnd: () => void): ReadableStream<Uint8Array> {
  let index = 0
  let at = 0
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
          controller.error(new UnreadResponse('The client did not read the response in time.'))
        })
      },
      async pull(controller) {
        await gate.pass()
        if (isEnded) return
        while (index < chunks.length && at >= chunks[index]!.byteLength) {
          index++
          at = 0
        }
        const chunk = chunks[index]
        if (chunk) {
          controller.enqueue(chunk.subarray(at, at + PIECE_BYTES))
          at += PIECE_BYTES
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
