import type { Msg, MsgHdrs } from 'nats'
import type { StreamPosition } from '../../events/identity.ts'
import type { Delivery } from '../../ingest/ports.ts'
import { DEFERRED_SUBJECT_PREFIX, REPLAY_HEADERS } from '../names.ts'

/** A delivery with the fields that its acknowledgement needs. */
export interface NatsDelivery extends Delivery {
  /** Numbers the deliveries of this consumer, redeliveries included, without gaps. */
  readonly consumerSequence: number
  /** Messages in the stream that were not delivered to this consumer yet. */
  readonly pending: number
  readonly reply: string
  /** Undefined when the reply subject names a domain. */
  readonly replyNumbers: ReplyNumbers | undefined
}

/** What a reply subject contains beside the other fields of its delivery: the subject can be made again from its prefix and its numbers. */
export interface ReplyNumbers {
  /** Its length up to the first number. */
  readonly prefixLength: number
  /** How often the message was delivered. */
  readonly deliveryCount: number
  /** The nanoseconds of its timestamp behind the milliseconds. */
  readonly nanoseconds: number
}

const NO_HEADERS: ReadonlyMap<string, readonly string[]> = new Map()

/**
 * Reads a message of a pull consumer; undefined for any other message. The position comes from its reply subject:
 * `$JS.ACK.[domain.account.]stream.consumer.delivered.streamSeq.consumerSeq.nanoseconds.pending[.token]`.
 */
export function readDelivery(message: Msg): NatsDelivery | undefined {
  const reply = message.reply ?? ''
  if (!reply.startsWith(REPLY_PREFIX)) return undefined
  const count = splitReply(reply)
  return count < SHORT_REPLY_TOKENS
    ? undefined
    : new PulledDelivery(message, reply, count === SHORT_REPLY_TOKENS ? SHORT_REPLY_STREAM : 4)
}

const REPLY_PREFIX = '$JS.ACK.'
/** The number of tokens of a reply subject without domain and account. */
const SHORT_REPLY_TOKENS = 9
/** The stream's token there. */
const SHORT_REPLY_STREAM = 2
const DOT = 46
const ZERO = 48
/** A timestamp in milliseconds has this number of digits less than in nanoseconds. */
const NANOSECOND_DIGITS = 6

/** Where the tokens of the reply subject that is read begin, and behind the last one: an array of strings per message would cost more than all other fields. */
const tokenStarts = new Uint32Array(16)

/** Finds the tokens of a subject and returns their number, at most 15. */
function splitReply(reply: string): number {
  let count = 1
  tokenStarts[0] = 0
  for (let at = 0; at < reply.length && count < tokenStarts.length - 1; at++)
    if (reply.charCodeAt(at) === DOT) tokenStarts[count++] = at + 1
  tokenStarts[count] = reply.length + 1
  return count
}

/** The number in a token, without its last `dropped` digits. */
function numberIn(reply: string, token: number, dropped = 0): number {
  return digitsIn(reply, tokenStarts[token]!, tokenStarts[token + 1]! - 1 - dropped)
}

function digitsIn(reply: string, start: number, end: number): number {
  let value = 0
  for (let at = start; at < end; at++) value = value * 10 + reply.charCodeAt(at) - ZERO
  return value
}

function replyNumbersOf(reply: string): ReplyNumbers {
  const timestampEnd = tokenStarts[SHORT_REPLY_STREAM + 6]! - 1
  return {
    prefixLength: tokenStarts[SHORT_REPLY_STREAM + 2]!,
    deliveryCount: numberIn(reply, SHORT_REPLY_STREAM + 2),
    nanoseconds: digitsIn(reply, timestampEnd - NANOSECOND_DIGITS, timestampEnd),
  }
}

/** The stream of the last reply subject: nearly all messages are of one stream. */
let lastStream = ''

function streamIn(reply: string, token: number): string {
  const start = tokenStarts[token]!
  const length = tokenStarts[token + 1]! - 1 - start
  if (length !== lastStream.length || !reply.startsWith(lastStream, start))
    lastStream = reply.slice(start, start + length)
  return lastStream
}

/** A class, because its accessors are shared: creating an object literal with accessors for each message took a tenth of the processing time. */
class PulledDelivery implements NatsDelivery {
  readonly stream: string
  readonly subject: string
  readonly data: Uint8Array
  readonly sequence: number
  readonly consumerSequence: number
  readonly publishedAt: number
  readonly pending: number
  readonly reply: string
  readonly replyNumbers: ReplyNumbers | undefined
  readonly #headers: MsgHdrs | undefined
  readonly #wasDeferred: boolean

  /** `streamToken` is the index of the stream's name among the tokens of the reply subject, which were found by `splitReply`. */
  constructor({ subject, data, headers }: Msg, reply: string, streamToken: number) {
    this.stream = streamIn(reply, streamToken)
    this.#wasDeferred = subject.startsWith(DEFERRED_SUBJECT_PREFIX)
    this.subject = this.#wasDeferred ? (headers?.get(REPLAY_HEADERS.subject) ?? '') : subject
    this.data = data
    this.sequence = numberIn(reply, streamToken + 3)
    this.consumerSequence = numberIn(reply, streamToken + 4)
    this.publishedAt = numberIn(reply, streamToken + 5, NANOSECOND_DIGITS)
    this.pending = numberIn(reply, streamToken + 6)
    this.reply = reply
    this.replyNumbers = streamToken === SHORT_REPLY_STREAM ? replyNumbersOf(reply) : undefined
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
    // The message id of a deferred event was set by this service and is not the producer's.
    const isDeferred = headers?.has(REPLAY_HEADERS.subject)
    return headers?.get(REPLAY_HEADERS.messageId) || (!isDeferred && headers?.get('Nats-Msg-Id')) || undefined
  }

  get headers(): ReadonlyMap<string, readonly string[]> {
    const headers = this.#headers
    return headers ? new Map(headers.keys().map((name) => [name, headers.values(name)])) : NO_HEADERS
  }
}

/** The original position of a replayed message; undefined for any other message. */
function replayedOrigin(headers: MsgHdrs | undefined): StreamPosition | undefined {
  const stream = headers?.get(REPLAY_HEADERS.stream)
  const sequence = Number(headers?.get(REPLAY_HEADERS.sequence))
  const storedAt = Number(headers?.get(REPLAY_HEADERS.storedAt))
  return stream && Number.isSafeInteger(sequence) && Number.isSafeInteger(storedAt)
    ? { stream, sequence, storedAt }
    : undefined
}
