import { backoffMs, sleep } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import { messageIdOf } from './simulated-event.ts'
import type { SimulatedEvent } from './simulated-event.ts'

/** `no-stream`: nobody stores the subject. `not-stored`: lost, too slow, or no place just now. `refused`: trying again cannot help. */
export type PublishFailureKind = 'no-stream' | 'not-stored' | 'refused'

export class PublishFailure extends Error {
  override readonly name = 'PublishFailure'
  readonly kind: PublishFailureKind

  constructor(kind: PublishFailureKind, message: string, cause?: unknown) {
    super(message, { cause })
    this.kind = kind
  }
}

/** Stores one message; resolves when that is acknowledged, rejects with a `PublishFailure`. */
export interface Broker {
  publish(subject: string, messageId: string, payload: Uint8Array): Promise<{ readonly isRepeat: boolean }>
}

export interface PublisherOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly random: () => number
  /** Messages without an acknowledgement at any time. */
  readonly maxInFlight?: number
  readonly maxAttempts?: number
  /** After its abort what is under way gets its answer, but nothing is tried again. */
  readonly signal?: AbortSignal
}

/** Publishes with acknowledgements and retries, a bounded number at a time, and keeps count. */
export class Publisher {
  /** Acknowledged messages, repeats included. */
  published = 0
  /** Acknowledged messages that the broker had already. */
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

  /** Going on makes no sense: nothing ever got through and something was given up, or a whole window failed in a row. */
  get shouldGiveUp(): boolean {
    return this.consecutiveFailures > 0 && (this.published === 0 || this.consecutiveFailures >= this.maxInFlight)
  }

  /** Starts publishing; never throws, the counters tell. Wait for `room` before calling it. */
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

  /** Resolves when another message may be sent. One caller at a time. */
  async waitForCapacity(): Promise<void> {
    await this.waitForOutstanding(this.maxInFlight - 1)
  }

  /** Resolves when every message is acknowledged or given up. */
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
        const { isRepeat } = await broker.publish(event.subject, messageIdOf(event), payload)
        this.published++
        if (isRepeat) this.duplicates++
        this.consecutiveFailures = 0
        return
      } catch (error) {
        const failure =
          error instanceof PublishFailure ? error : new PublishFailure('refused', 'publishing failed', error)
        this.lastFailure = failure
        if (failure.kind === 'refused' || attempt + 1 >= maxAttempts || signal?.aborted) {
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
