import { backoffMs, sleep } from '../clock.ts'
import type { Clock } from '../clock.ts'
import { messageIdOf } from './event.ts'
import type { SimulatedEvent } from './event.ts'

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
  repeats = 0
  /** Attempts after the first. */
  retries = 0
  failed = 0
  lastFailure: PublishFailure | undefined
  private readonly options: PublisherOptions
  private readonly maxInFlight: number
  private readonly encoder = new TextEncoder()
  private outstanding = 0
  private failuresInRow = 0
  private wake: (() => void) | undefined

  constructor(options: PublisherOptions) {
    this.options = options
    this.maxInFlight = options.maxInFlight ?? 1_000
  }

  get inFlight(): number {
    return this.outstanding
  }

  /** Going on makes no sense: nothing ever got through and something was given up, or a whole window failed in a row. */
  get isHopeless(): boolean {
    return this.failuresInRow > 0 && (this.published === 0 || this.failuresInRow >= this.maxInFlight)
  }

  /** Starts publishing; never throws, the counters tell. Wait for `room` before calling it. */
  send(event: SimulatedEvent): void {
    this.outstanding++
    void this.deliver(event).finally(() => {
      this.outstanding--
      this.wake?.()
    })
  }

  hasRoom(): boolean {
    return this.outstanding < this.maxInFlight
  }

  /** Resolves when another message may be sent. One caller at a time. */
  async room(): Promise<void> {
    await this.settled(this.maxInFlight - 1)
  }

  /** Resolves when every message is acknowledged or given up. */
  async drained(): Promise<void> {
    await this.settled(0)
  }

  private async settled(limit: number): Promise<void> {
    while (this.outstanding > limit) {
      await new Promise<void>((resolve) => (this.wake = resolve))
    }
    this.wake = undefined
  }

  private async deliver(event: SimulatedEvent): Promise<void> {
    const { broker, clock, maxAttempts = 5, random, signal } = this.options
    const payload = this.encoder.encode(JSON.stringify(event.envelope))
    for (let attempt = 0; ; attempt++) {
      try {
        const { isRepeat } = await broker.publish(event.subject, messageIdOf(event), payload)
        this.published++
        if (isRepeat) this.repeats++
        this.failuresInRow = 0
        return
      } catch (error) {
        const failure =
          error instanceof PublishFailure ? error : new PublishFailure('refused', 'publishing failed', error)
        this.lastFailure = failure
        if (failure.kind === 'refused' || attempt + 1 >= maxAttempts || signal?.aborted) {
          this.failed++
          this.failuresInRow++
          return
        }
      }
      this.retries++
      await sleep(clock, backoffMs(attempt, { firstMs: 200, maxMs: 5_000, random }), signal)
    }
  }
}
