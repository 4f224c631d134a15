import type { Msg, MsgHdrs } from 'nats'
import type { StreamPlace } from '../events/identity.ts'
import type { Delivery } from '../ingest/ports.ts'

/** A delivery with what the broker wants to hear of it. */
export interface NatsDelivery extends Delivery {
  /** Counts this consumer's deliveries, redeliveries included, without a gap. */
  readonly consumerSequence: number
  /** Messages of the stream that wait for this consumer. */
  readonly pending: number
  readonly reply: string
}

/** Headers of a replayed message that keep its identity: its own message id and place would be lost otherwise. */
export const REPLAY_HEADERS = {
  messageId: 'Analytics-Replay-Msg-Id',
  stream: 'Analytics-Replay-Stream',
  sequence: 'Analytics-Replay-Sequence',
  storedAt: 'Analytics-Replay-Stored-At',
} as const

const NO_HEADERS: ReadonlyMap<string, readonly string[]> = new Map()

/**
 * Reads a message of a pull consumer. Its reply subject tells where it stands:
 * `$JS.ACK.[domain.account.]stream.consumer.delivered.streamSeq.consumerSeq.nanoseconds.pending[.token]`.
 */
export function readDelivery(message: Msg): NatsDelivery | undefined {
  const reply = message.reply ?? ''
  const tokens = reply.split('.')
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined
  const at = tokens.length === 9 ? 2 : 4
  return {
    stream: tokens[at]!,
    subject: message.subject,
    data: message.data,
    sequence: Number(tokens[at + 3]),
    consumerSequence: Number(tokens[at + 4]),
    publishedAt: Number(tokens[at + 5]!.slice(0, -6)),
    pending: Number(tokens[at + 6]),
    reply,
    get origin() {
      const { stream, sequence, publishedAt } = this
      return replayedOrigin(message.headers) ?? { stream, sequence, storedAt: publishedAt }
    },
    get messageId() {
      const { headers } = message
      return headers?.get(REPLAY_HEADERS.messageId) || headers?.get('Nats-Msg-Id') || undefined
    },
    get headers() {
      const { headers } = message
      return headers ? new Map(headers.keys().map((name) => [name, headers.values(name)])) : NO_HEADERS
    },
  }
}

/** Where a replayed message first stood; undefined for any other. */
function replayedOrigin(headers: MsgHdrs | undefined): StreamPlace | undefined {
  const stream = headers?.get(REPLAY_HEADERS.stream)
  const sequence = Number(headers?.get(REPLAY_HEADERS.sequence))
  const storedAt = Number(headers?.get(REPLAY_HEADERS.storedAt))
  return stream && Number.isSafeInteger(sequence) && Number.isSafeInteger(storedAt)
    ? { stream, sequence, storedAt }
    : undefined
}
