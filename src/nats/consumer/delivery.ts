import type { Msg, MsgHdrs } from 'nats'
import type { StreamPosition } from '../../events/identity.ts'
import type { Delivery } from '../../ingest/ports.ts'

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
  /** Of messages that come back under a subject of ours. */
  subject: 'Analytics-Replay-Subject',
} as const

/** Events of tenants over their quota wait below this subject. */
export const DEFERRED_SUBJECT_PREFIX = 'analytics.delayed.'

const NO_HEADERS: ReadonlyMap<string, readonly string[]> = new Map()

/**
 * Reads a message of a pull consumer; undefined for any other. Its reply subject tells where it stands:
 * `$JS.ACK.[domain.account.]stream.consumer.delivered.streamSeq.consumerSeq.nanoseconds.pending[.token]`.
 */
export function readDelivery(message: Msg): NatsDelivery | undefined {
  const reply = message.reply ?? ''
  if (!reply.startsWith('$JS.ACK.')) return undefined
  const tokens = reply.split('.')
  if (tokens.length < 9) return undefined
  return new PulledDelivery(message, reply, tokens, tokens.length === 9 ? 2 : 4)
}

/** A class, as its methods are shared: one object literal with accessors for each message made a tenth of the work. */
class PulledDelivery implements NatsDelivery {
  readonly stream: string
  readonly subject: string
  readonly data: Uint8Array
  readonly sequence: number
  readonly consumerSequence: number
  readonly publishedAt: number
  readonly pending: number
  readonly reply: string
  readonly #headers: MsgHdrs | undefined
  readonly #wasDeferred: boolean

  /** `at` is the place of the stream's name among the tokens of the reply subject. */
  constructor({ subject, data, headers }: Msg, reply: string, tokens: readonly string[], streamTokenIndex: number) {
    this.stream = tokens[streamTokenIndex]!
    this.#wasDeferred = subject.startsWith(DEFERRED_SUBJECT_PREFIX)
    this.subject = this.#wasDeferred ? (headers?.get(REPLAY_HEADERS.subject) ?? '') : subject
    this.data = data
    this.sequence = Number(tokens[streamTokenIndex + 3])
    this.consumerSequence = Number(tokens[streamTokenIndex + 4])
    this.publishedAt = Number(tokens[streamTokenIndex + 5]!.slice(0, -6))
    this.pending = Number(tokens[streamTokenIndex + 6])
    this.reply = reply
    this.#headers = headers
  }

  get place(): StreamPosition {
    const { stream, sequence, publishedAt } = this
    return this.#wasDeferred ? this.origin : { stream, sequence, storedAt: publishedAt }
  }

  get origin(): StreamPosition {
    const { stream, sequence, publishedAt } = this
    return replayedOrigin(this.#headers) ?? { stream, sequence, storedAt: publishedAt }
  }

  get messageId(): string | undefined {
    const headers = this.#headers
    // What we put away ourselves carries an id of ours, which is not the producer's.
    const isOurs = headers?.has(REPLAY_HEADERS.subject)
    return headers?.get(REPLAY_HEADERS.messageId) || (!isOurs && headers?.get('Nats-Msg-Id')) || undefined
  }

  get headers(): ReadonlyMap<string, readonly string[]> {
    const headers = this.#headers
    return headers ? new Map(headers.keys().map((name) => [name, headers.values(name)])) : NO_HEADERS
  }
}

/** Where a replayed message first stood; undefined for any other. */
function replayedOrigin(headers: MsgHdrs | undefined): StreamPosition | undefined {
  const stream = headers?.get(REPLAY_HEADERS.stream)
  const sequence = Number(headers?.get(REPLAY_HEADERS.sequence))
  const storedAt = Number(headers?.get(REPLAY_HEADERS.storedAt))
  return stream && Number.isSafeInteger(sequence) && Number.isSafeInteger(storedAt)
    ? { stream, sequence, storedAt }
    : undefined
}
