/**
 * The events of a message in few bytes, as a row of its facts keeps them: enough to classify the message again when another event of it arrives, in whatever order.
 *
 * A list holds the events in the order of (occurredAt, id), each as: a byte with the kind (bits 0 to 2), whether there are inputs (bit 3) and a link (bit 4), and the class of
 * a bounce (bits 5 to 7); 8 bytes of the id; the milliseconds since the event before it, or since 1970, as LEB128; the bits of the inputs as LEB128; 8 bytes of the link.
 */
import { toHex } from '../base/bytes/hexadecimal.ts'
import type { TextColumn } from '../events/block/block-columns.ts'
import { BOUNCE_CLASSES } from './bounce-class.ts'
import { NO_INPUTS } from './classes/class-inputs.ts'
import { MESSAGE_EVENT_KINDS, type MessageEvent } from './message-event.ts'

const KEY_BYTES = 8
const KIND_MASK = 7
const HAS_INPUTS = 8
const HAS_LINK = 16
const BOUNCE_SHIFT = 5

/** The longest encoding of an event. */
const MAX_EVENT_BYTES = 1 + KEY_BYTES + 8 + 5 + KEY_BYTES

/** Sets the value of a row to the list of events of one message, each once. The dimensions of sendings are not part of the list. */
export function setEventList(column: TextColumn, row: number, events: readonly MessageEvent<unknown>[]): void {
  if (events.length * MAX_EVENT_BYTES > scratch.length) scratch = new Uint8Array(events.length * MAX_EVENT_BYTES * 2)
  const sorted = events.length < 2 ? events : events.toSorted(byTimeAndId)
  let at = 0
  let previousAt = 0
  for (const { id, kind, occurredAt, inputs, bounceClass } of sorted) {
    const { bits, link } = inputs
    const hasInputs = bits !== 0 || link !== undefined
    const bounce = bounceClass === undefined ? 0 : BOUNCE_CLASSES.indexOf(bounceClass) + 1
    const flags = (hasInputs ? HAS_INPUTS : 0) | (link === undefined ? 0 : HAS_LINK)
    scratch[at++] = MESSAGE_EVENT_KINDS.indexOf(kind) | flags | (bounce << BOUNCE_SHIFT)
    at = putKey(at, id)
    at = putVarint(at, occurredAt - previousAt)
    previousAt = occurredAt
    if (hasInputs) at = putVarint(at, bits)
    if (link !== undefined) at = putKey(at, link)
  }
  column.setBytes(row, scratch, 0, at)
}

let scratch = new Uint8Array(4_096)

/** The events of a list, in its order. Throws for bytes that are no list. */
export function decodeEventList(bytes: Uint8Array): MessageEvent<never>[] {
  const events: MessageEvent<never>[] = []
  let at = 0
  let occurredAt = 0
  const key = () => {
    if (at + KEY_BYTES > bytes.length) throw new Error('A list of events is incomplete.')
    return toHex(bytes.subarray(at, (at += KEY_BYTES)))
  }
  const varint = () => {
    let value = 0
    for (let factor = 1; ; factor *= 0x80) {
      const byte = bytes[at++]
      if (byte === undefined) throw new Error('A list of events is incomplete.')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  while (at < bytes.length) {
    const head = bytes[at++]!
    const kind = MESSAGE_EVENT_KINDS[head & KIND_MASK]
    if (kind === undefined) throw new Error('A list of events contains an unknown kind.')
    const id = key()
    occurredAt += varint()
    const bits = (head & HAS_INPUTS) === 0 ? 0 : varint()
    const link = (head & HAS_LINK) === 0 ? undefined : key()
    const inputs = bits === 0 && link === undefined ? NO_INPUTS : { bits, link }
    const bounceClass = BOUNCE_CLASSES[(head >> BOUNCE_SHIFT) - 1]
    events.push({ id, kind, occurredAt, inputs, bounceClass, dimensions: undefined })
  }
  return events
}

function byTimeAndId(a: MessageEvent<unknown>, b: MessageEvent<unknown>): number {
  return a.occurredAt - b.occurredAt || (a.id < b.id ? -1 : 1)
}

/** The value of each hexadecimal digit, by its character code. */
const DIGIT_VALUES = new Uint8Array(128)
for (const [value, digit] of '0123456789abcdef'.split('').entries()) DIGIT_VALUES[digit.charCodeAt(0)] = value

/** Writes 16 hexadecimal digits as 8 bytes; returns the offset behind them. */
function putKey(at: number, digits: string): number {
  for (let index = 0; index < 2 * KEY_BYTES; index += 2)
    scratch[at++] = (DIGIT_VALUES[digits.charCodeAt(index)]! << 4) | DIGIT_VALUES[digits.charCodeAt(index + 1)]!
  return at
}

function putVarint(at: number, value: number): number {
  for (; value >= 0x80; value = Math.floor(value / 0x80)) scratch[at++] = (value % 0x80) | 0x80
  scratch[at++] = value
  return at
}
