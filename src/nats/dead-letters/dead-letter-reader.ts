/**
 * Reads and replays dead letters, for the command `dead-letters`. The service only writes them.
 */
import { isEventSubject } from '../../events/event-subject.ts'
import { headers, type JetStreamManager, type MsgHdrs, type NatsConnection } from 'nats'
import { DEAD_LETTER_STREAM, REPLAY_HEADERS } from '../names.ts'
import { readMessage, streamInfo } from '../stream-info.ts'
import { DEAD_LETTER_HEADERS } from './dead-letter-headers.ts'

/** One dead letter. Several parts have the number of the first part. */
export interface StoredDeadLetter {
  /** The sequence in ANALYTICS_DEAD. */
  readonly number: number
  readonly time: Date
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** When the broker stored the original, in epoch milliseconds. */
  readonly storedAt: number
  readonly reason: string
  readonly message: string
  /** The original bytes of all parts. */
  readonly data: Uint8Array
  readonly originalHeaders: ReadonlyMap<string, readonly string[]>
  /** The numbers of all its parts. */
  readonly numbers: readonly number[]
}

/** Yields every dead letter in order, optionally of one reason only. Parts whose first part is missing are skipped. */
export async function* readDeadLetters(connection: NatsConnection, reason?: string): AsyncGenerator<StoredDeadLetter> {
  const jsm = await connection.jetstreamManager()
  const info = await streamInfo(jsm, DEAD_LETTER_STREAM)
  if (!info) return
  // A stream that never held a message begins at 0.
  for (let number = Math.max(1, info.state.first_seq); number <= info.state.last_seq; number++) {
    const deadLetter = await readDeadLetter(jsm, number)
    if (deadLetter && (reason === undefined || deadLetter.reason === reason)) yield deadLetter
  }
}

/** The dead letter with this number, or undefined when there is none. */
export async function findDeadLetter(
  connection: NatsConnection,
  number: number,
): Promise<StoredDeadLetter | undefined> {
  return readDeadLetter(await connection.jetstreamManager(), number)
}

/** The dead letter is not replayed, as its subject is not an event subject: its author could otherwise send any command to the broker. */
export class NotAnEventSubject extends Error {
  override readonly name = 'NotAnEventSubject'
}

/**
 * Publishes the original bytes on the original subject again and, once the broker has stored them, deletes the dead letter. After an interruption in between it can be repeated:
 * headers keep the identity of the event, so it is stored once. Rejects with a NotAnEventSubject when the subject is not an event subject.
 */
export async function replayDeadLetter(connection: NatsConnection, deadLetter: StoredDeadLetter): Promise<void> {
  if (!isEventSubject(deadLetter.subject)) throw new NotAnEventSubject(deadLetter.subject)
  const head = headers()
  for (const [name, values] of deadLetter.originalHeaders) {
    // With the original message id, the broker would drop the message as a duplicate.
    if (name.toLowerCase().startsWith('nats-')) continue
    for (const value of values) head.append(name, value)
  }
  const messageId = deadLetter.originalHeaders.get('Nats-Msg-Id')?.[0]
  // The original headers of a dead letter that was replayed before contain its first identity already.
  if (!head.has(REPLAY_HEADERS.stream)) {
    if (messageId !== undefined) head.set(REPLAY_HEADERS.messageId, messageId)
    head.set(REPLAY_HEADERS.stream, deadLetter.stream)
    head.set(REPLAY_HEADERS.sequence, String(deadLetter.sequence))
    head.set(REPLAY_HEADERS.storedAt, String(deadLetter.storedAt))
  }
  await connection.jetstream().publish(deadLetter.subject, deadLetter.data, { headers: head })
  const jsm = await connection.jetstreamManager()
  for (const number of deadLetter.numbers) await jsm.streams.deleteMessage(DEAD_LETTER_STREAM, number, false)
}

async function readDeadLetter(jsm: JetStreamManager, number: number): Promise<StoredDeadLetter | undefined> {
  const first = await readMessage(jsm, DEAD_LETTER_STREAM, number)
  if (!first) return undefined
  const origin = originOf(first.header)
  const [part = 1, parts = 1] = first.header.get(DEAD_LETTER_HEADERS.part).split('/').filter(Boolean).map(Number)
  if (part !== 1) return undefined
  const numbers = [number]
  const pieces = [first.data]
  // Dead letters are published concurrently, so others may be between the parts of one.
  for (let next = number + 1; pieces.length < parts && next < number + 10_000; next++) {
    const stored = await readMessage(jsm, DEAD_LETTER_STREAM, next)
    if (
      !stored ||
      originOf(stored.header) !== origin ||
      Number.parseInt(stored.header.get(DEAD_LETTER_HEADERS.part), 10) !== pieces.length + 1
    )
      continue
    numbers.push(next)
    pieces.push(stored.data)
  }
  const { header } = first
  const original = header.keys().filter((name) => name.startsWith(DEAD_LETTER_HEADERS.original))
  return {
    number,
    time: first.time,
    subject: header.get(DEAD_LETTER_HEADERS.subject),
    stream: header.get(DEAD_LETTER_HEADERS.stream),
    sequence: Number(header.get(DEAD_LETTER_HEADERS.sequence)),
    storedAt: Number(header.get(DEAD_LETTER_HEADERS.storedAt)),
    reason: header.get(DEAD_LETTER_HEADERS.reason),
    message: header.get(DEAD_LETTER_HEADERS.message),
    data: join(pieces),
    originalHeaders: new Map(
      original.map((name) => [name.slice(DEAD_LETTER_HEADERS.original.length), header.values(name)]),
    ),
    numbers,
  }
}

function originOf(header: MsgHdrs): string {
  return `${header.get(DEAD_LETTER_HEADERS.stream)}/${header.get(DEAD_LETTER_HEADERS.sequence)}`
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.byteLength
  }
  return whole
}
