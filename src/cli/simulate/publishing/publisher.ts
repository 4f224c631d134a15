import { backoffMs, sleep } from '../../../base/clock.ts'
import type { Clock } from '../../../base/clock.ts'
import { messageIdOf } from '../simulated-event.ts'
import type { SimulatedEvent } from '../simulated-event.ts'

/** `no-stream`: no stream captures the subject. `not-stored`: lost, too slow, or the stream is full. `rejected`: a retry cannot succeed. */
export type PublishFailureKind = 'no-stream' | 'not-stored' | 'rejected'

export class PublishFailure extends Error {
  override readonly name = 'PublishFailure'
  readonly kind: PublishFailureKind

  constructor(kind: PublishFailureKind, message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/** Stores one message. Resolves when the message is acknowledged, rejects with a PublishFailure. */
export interface Broker {
  publish(subject: string, messageId: string, payload: Uint8Array): Promise<{ readonly isDuplicate: boolean }>
}

export interface PublisherOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly random: () => number
  /** The maximum number of messages that await their acknowledgement. */
  readonly maxInFlight?: number
  readonly maxAttempts?: number
  /** After its abort pending messages are still acknowledged, but none is retried. */
  readonly signal?: AbortSignal
}

/** Publishes with acknowledgements and retries, a bounded number of messages at a time, and counts them. */
export class Publisher {
  /** Acknowledged messages, duplicates included. */
  published = 0
  /** Acknowledged messages that the broker had stored before. */
  duplicates = 0
  /** Attempts after the first. */
  retries = 0
  failed = 0
  lastFailure: PublishFailure | undefined
  private readonly options: PublisherOptions
  private readonly maxInFlight: number
  private readonly encoder = new TextEncoder()
  private inFlightCount = 0
  private consecutiveFailures = 0
  private wake: (() => void) | undefined

  constructor(options: PublisherOptions) {
    this.options = options
    this.maxInFlight = options.maxInFlight ?? 1_000
  }

  get inFlight(): number {
    return this.inFlightCount
  }

  /** Whether further attempts are pointless: a message has failed and none was ever acknowledged, or as many as the maximum in flight failed in a row. */
  get shouldGiveUp(): boolean {
    return this.consecutiveFailures > 0 && (this.published === 0 || this.consecutiveFailures >= this.maxInFlight)
  }

  /** Starts to publish a message and returns; failures are counted. Call it only while `hasCapacity()`. */
  send(event: SimulatedEvent): void {
    this.inFlightCount++
    void this.publishWithRetry(event).finally(() => {
      this.inFlightCount--
      this.wake?.()
    })
  }

  hasCapacity(): boolean {
    return this.inFlightCount < this.maxInFlight
  }

  /** Resolves when `hasCapacity()`. One caller at a time. */
  async waitForCapacity(): Promise<void> {
    await this.waitForOutstanding(this.maxInFlight - 1)
  }

  /** Resolves when every message is acknowledged or failed. */
  async drain(): Promise<void> {
    await this.waitForOutstanding(0)
  }

  private async waitForOutstanding(limit: number): Promise<void> {
    while (this.inFlightCount > limit) {
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
    this.wake = undefined
  }

  private async publishWithRetry(event: SimulatedEvent): Promise<void> {
    const { broker, clock, maxAttempts = 5, random, signal } = this.options
    const payload = this.encoder.encode(JSON.stringify(event.envelope))
    for (let attempt = 0; ; attempt++) {
      try {
        const { isDuplicate } = await broker.publish(event.subject, messageIdOf(event), payload)
        this.published++
        if (isDuplicate) this.duplicates++
        this.consecutiveFailures = 0
        return
      } catch (error) {
        const failure =
          error instanceof PublishFailure ? error : new PublishFailure('rejected', 'publishing failed', error)
        this.lastFailure = failure
        if (failure.kind === 'rejected' || attempt + 1 >= maxAttempts || signal?.aborted) {
          this.failed++
          this.consecutiveFailures++
          return
        }
      }
      this.retries++
      await sleep(clock, backoffMs(attempt, { firstMs: 200, maxMs: 5_000, random }), signal)
    }
  }
}
