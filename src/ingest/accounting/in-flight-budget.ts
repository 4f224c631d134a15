/** What an event in memory costs beside the message's own bytes: its objects and texts. Measured at about 1 kB with 400-byte events; rounded up. */
const EVENT_OVERHEAD_BYTES = 1_200
/** The store may take so long over one insert before it counts as failed. */
const MAX_INSERT_MS = 30_000
/** How many times the longest ordinary way the broker waits until it delivers again. */
const ACK_WAIT_FACTOR = 3
/** A pull asks for at least one largest message: with less room than for two, intake would stop and go. */
const MIN_LARGEST_MESSAGES = 2

/** What follows from the memory that ingestion may hold. */
export interface IngestLimits {
  /** Events in flight; also the consumer's `max_ack_pending`. */
  readonly maxEvents: number
  /** Message bytes in flight. */
  readonly maxBytes: number
  /** The consumer's `ack_wait`: a delivery that is still worked on should not come again. */
  readonly ackWaitMs: number
}

/**
 * The limits for a memory budget in bytes: half for the messages, half for what is made of them. It is widened where the broker's largest message
 * (`maxPayloadBytes`) needs more, since that one could never be asked for otherwise.
 */
export function ingestLimits(budgetBytes: number, flushIntervalMs: number, maxPayloadBytes: number): IngestLimits {
  const half = Math.floor(budgetBytes / 2)
  return {
    maxEvents: Math.floor(half / EVENT_OVERHEAD_BYTES),
    maxBytes: Math.max(half, MIN_LARGEST_MESSAGES * maxPayloadBytes),
    ackWaitMs: ACK_WAIT_FACTOR * (flushIntervalMs + MAX_INSERT_MS),
  }
}

/** What all intakes together hold: taken over and not settled yet. */
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

  /** How many bytes of messages may be asked for. */
  get availableBytes(): number {
    const { maxEvents, maxBytes } = this.limits
    return this.events >= maxEvents ? 0 : Math.max(0, maxBytes - this.bytes)
  }

  /** The part that is used, 0 to 1 and a little more: one pull may go beyond the number of events. */
  get usedRatio(): number {
    return Math.max(this.events / this.limits.maxEvents, this.bytes / this.limits.maxBytes)
  }
}
