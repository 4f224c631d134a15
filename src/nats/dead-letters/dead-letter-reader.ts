/**
 * Looking into the dead letters: listing, showing and replaying what the ingestion put away. For the command; the service itself only puts.
 */
import { isEventSubject } from '../../events/event-subject.ts'
import { headers, type JetStreamManager, type MsgHdrs, type NatsConnection, type StoredMsg } from 'nats'
import { DEAD_LETTER_HEADERS } from './dead-letter-stream.ts'
import { REPLAY_HEADERS } from '../consumer/delivery.ts'
import { DEAD_LETTER_STREAM } from '../topology.ts'
import { isNotFound, streamInfo } from '../stream-info.ts'

/** One dead letter; one of several parts is known by the number of its first. */
export interface StoredDeadLetter {
  /** Its number: the sequence in ANALYTICS_DEAD. */
  readonly number: number
  readonly time: Date
  readonly subject: string
  readonly stream: string
  readonly sequence: number
  /** When the broker stored the original, in epoch milliseconds. */
  readonly storedAt: number
  readonly reason: string
  readonly message: string
  /** The original bytes, of all parts. */
  readonly data: Uint8Array
  readonly originalHeaders: ReadonlyMap<string, readonly string[]>
  /** The numbers of all its parts. */
  readonly numbers: readonly number[]
}

/** Every dead letter in order, those of one reason only if asked. Parts without their first are passed over. */
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

/** The dead letter of a number, or undefined when there is none. */
export async function findDeadLetter(
  connection: NatsConnection,
  number: number,
): Promise<StoredDeadLetter | undefined> {
  return readDeadLetter(await connection.jetstreamManager(), number)
}

/** A letter that is not published again, as its subject is none of the events': whoever wrote the letter could have the broker do anything by it. */
export class NotAnEventSubject extends Error {
  override readonly name = 'NoEventSubject'
}

/**
 * Publishes the original bytes on the original subject again and, once the broker has them, takes the letter away. Interrupted in between and repeated, the
 * event is still one: its identity goes along. Rejects with a NotAnEventSubject for any other subject.
 */
export async function replayDeadLetter(connection: NatsConnection, deadLetter: StoredDeadLetter): Promise<void> {
  if (!isEventSubject(deadLetter.subject)) throw new NotAnEventSubject(deadLetter.subject)
  const head = headers()
  for (const [name, values] of deadLetter.originalHeaders) {
    // The broker would take it for a repeat of the original and drop it.
    if (name.toLowerCase().startsWith('nats-')) continue
    for (const value of values) head.append(name, value)
  }
  const messageId = deadLetter.originalHeaders.get('Nats-Msg-Id')?.[0]
  // A letter that was replayed before already carries its first identity among its original headers.
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
  const first = await readStored(jsm, number)
  if (!first) return undefined
  const place = placeOf(first.header)
  const [part = 1, parts = 1] = first.header.get(DEAD_LETTER_HEADERS.part).split('/').filter(Boolean).map(Number)
  if (part !== 1) return undefined
  const numbers = [number]
  const pieces = [first.data]
  // Letters are put away side by side, so others may stand between the parts of one.
  for (let next = number + 1; pieces.length < parts && next < number + 10_000; next++) {
    const stored = await readStored(jsm, next)
    if (
      !stored ||
      placeOf(stored.header) !== place ||
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

async function readStored(jsm: JetStreamManager, seq: number): Promise<StoredMsg | undefined> {
  try {
    return await jsm.streams.getMessage(DEAD_LETTER_STREAM, { seq })
  } catch (error) {
    // Deleted: the numbers have gaps.
    if (isNotFound(error)) return undefined
    throw error
  }
}

function placeOf(header: MsgHdrs): string {
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
