/**
 * Reads an ordinary event from the bytes of its message into the columns of a block, with no object per event. Whatever is not ordinary is left to `parseEventEnvelope`
 * and `normaliseEvent`, which define what an event means: the scanner never rejects an event and never interprets one in another way.
 */
import type { EventBlock } from '../block/event-block.ts'
import type { EventDefinition } from '../catalogue.ts'
import type { StreamPosition } from '../identity.ts'

/** The facts about a message from which its id is derived when it has no `eventId`. Read only then. */
export interface MessageIdentity {
  readonly origin: StreamPosition
  readonly messageId: string | undefined
}

/** One message at a time: its fields are valid until the next call of `scan`. */
export class EventScanner {
  /** The tenant of the message. */
  tenantId = ''
  /** When the event occurred, in epoch milliseconds. */
  occurredAt = 0

  /**
   * Reads a message on a subject of the catalogue. False: the message is not ordinary; nothing is known about it. `now` is the wall clock in epoch milliseconds. True: the
   * event is valid and `append` will add it.
   */
  scan(_message: Uint8Array, _definition: EventDefinition, _now: number): boolean {
    return false
  }

  /** Appends the scanned event, with its names, as the next row of the block. */
  append(_events: EventBlock, _identity: MessageIdentity): void {
    throw new Error('No message was scanned.')
  }
}
