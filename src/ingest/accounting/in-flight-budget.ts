/** The memory of an event of ordinary size beside the bytes of its message: 240 to 400 bytes in the columns of a block and about 150 for its delivery were measured. */
const EVENT_OVERHEAD_BYTES = 600
/** The longest time of an insert before it counts as failed. */
const MAX_INSERT_MS = 30_000
/** `ack_wait` as a multiple of the longest regular time from delivery to acknowledgement. */
const ACK_WAIT_FACTOR = 3
/** A pull requests at least one message of the largest size: with capacity for fewer than two, intake would alternate between pulling and waiting. */
const MIN_LARGEST_MESSAGES = 2

/** The limits that follow from the memory budget of ingestion. */
export interface IngestLimits {
  /** Events in flight; also the consumer's `max_ack_pending`. */
  readonly maxEvents: number
  /** Message bytes in flight. */
  readonly maxBytes: number
  /** The `ack_wait` of the consumer: a delivery that is still processed should not be delivered again. */
  readonly ackWaitMs: number
}

/**
 * The limits for a memory budget in bytes: half for the messages, half for the columns made from them. The limit of bytes is raised where the largest message of the
 * broker (`maxPayloadBytes`) needs more: otherwise that message could never be pulled.
 */
export function ingestLimits(budgetBytes: number, flushIntervalMs: number, maxPayloadBytes: number): IngestLimits {
  const half = Math.floor(budgetBytes / 2)
  return {
    maxEvents: Math.floor(half / EVENT_OVERHEAD_BYTES),
    maxBytes: Math.max(half, MIN_LARGEST_MESSAGES * maxPayloadBytes),
    ackWaitMs: ACK_WAIT_FACTOR * (flushIntervalMs + MAX_INSERT_MS),
  }
}

/** The deliveries of all intakes that are not settled yet, against their limits. */
export class InFlightBudget {
  readonly limits: IngestLimits
  events = 0
  bytes = 0

  constructor(limits: IngestLimits) {
    this.limits = limits
  }

  reserve(bytes: number): void {
    this.events++
    this.bytes += bytes
  }

  release(bytes: number): void {
    this.events--
    this.bytes -= bytes
  }

  /** The bytes of messages that may be pulled. */
  get availableBytes(): number {
    const { maxEvents, maxBytes } = this.limits
    return this.events >= maxEvents ? 0 : Math.max(0, maxBytes - this.bytes)
  }

  /** The used part, from 0 to slightly more than 1: one pull may exceed the number of events. */
  get usedRatio(): number {
    return Math.max(this.events / this.limits.maxEvents, this.bytes / this.limits.maxBytes)
  }
}
