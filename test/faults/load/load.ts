/**
 * The producer of the fault runs: publishes numbered events at a pace, each again until the broker acknowledges it, so that after `stop` the truth is simply all
 * numbers up to the last. On purpose it also repeats events, at once and much later, and sends others under their ids.
 */
import { connect, headers, type NatsConnection } from 'nats'
import type { Chance } from '../../support/base/random.ts'
import { conflictingEvent, type NumberedEvent, numberedEvent } from './numbered-event.ts'

const TICK_MS = 25
const ACK_TIMEOUT_MS = 2_000
/** No more are on their way at once: what a stopped broker leaves open is bounded. */
const MAX_PENDING = 2_000
const REPEAT_SHARE = 0.01
const CONFLICT_SHARE = 0.001

export interface LoadReport {
  readonly lastNumber: number
  readonly repeats: number
  readonly conflicts: number
  readonly retries: number
}

export class Load {
  readonly epoch = Date.now()
  readonly #urls: readonly string[]
  readonly #chance: Chance
  #connection: NatsConnection | undefined
  #rate = 0
  #lastNumber = 0
  #repeats = 0
  #conflicts = 0
  #retries = 0
  #pending = 0
  #isStopped = false
  #ticking: Promise<void> | undefined

  /** `urls` are the broker's own addresses: the faults of the service's wire are not the producer's. */
  constructor(urls: readonly string[], chance: Chance) {
    this.#urls = urls
    this.#chance = chance
  }

  /** Publishes `rate` events a second from now on. */
  start(rate: number): void {
    this.#rate = rate
    this.#ticking ??= this.#run()
  }

  get lastNumber(): number {
    return this.#lastNumber
  }

  /** Publishes no new events; resolves once every one was acknowledged. */
  async stop(): Promise<LoadReport> {
    this.#isStopped = true
    await this.#ticking
    while (this.#pending > 0) await Bun.sleep(TICK_MS)
    await this.#connection?.close()
    return {
      lastNumber: this.#lastNumber,
      repeats: this.#repeats,
      conflicts: this.#conflicts,
      retries: this.#retries,
    }
  }

  async #run(): Promise<void> {
    while (!this.#connection) {
      try {
        this.#connection = await connect({ servers: [...this.#urls], maxReconnectAttempts: -1, reconnectTimeWait: 100 })
      } catch {
        await Bun.sleep(TICK_MS)
      }
    }
    let last = performance.now()
    let owed = 0
    while (!this.#isStopped) {
      await Bun.sleep(TICK_MS)
      const now = performance.now()
      // A stop of the broker is not made up for by a flood.
      owed = Math.min(this.#rate, owed + ((now - last) / 1_000) * this.#rate)
      last = now
      for (; owed >= 1 && this.#pending < MAX_PENDING; owed--) this.#publishNext()
    }
  }

  #publishNext(): void {
    const n = ++this.#lastNumber
    void this.#publish(numberedEvent(n, this.epoch), () => {
      // Only what is acknowledged may be repeated: the first under an id has to be the event itself.
      if (this.#chance.hits(CONFLICT_SHARE)) this.#publishConflict(n)
      if (this.#chance.hits(REPEAT_SHARE)) this.#publishRepeat(n)
      if (this.#chance.hits(REPEAT_SHARE) && n > 10_000) this.#publishRepeat(1 + this.#chance.below(n - 5_000))
    })
  }

  #publishRepeat(n: number): void {
    this.#repeats++
    void this.#publish(numberedEvent(n, this.epoch))
  }

  #publishConflict(n: number): void {
    const event = conflictingEvent(n, this.epoch)
    if (!event) return
    this.#conflicts++
    void this.#publish(event)
  }

  async #publish({ subject, body, messageId }: NumberedEvent, onAcknowledged?: () => void): Promise<void> {
    this.#pending++
    const head = headers()
    if (messageId !== undefined) head.set('Nats-Msg-Id', messageId)
    for (;;) {
      try {
        const answer = await this.#connection!.request(subject, body, {
          timeout: ACK_TIMEOUT_MS,
          headers: head,
        })
        const ack = answer.json<{ error?: unknown; seq?: number }>()
        if (ack.error === undefined && ack.seq !== undefined) break
      } catch {
        // No answer: nobody knows, so the same again.
      }
      this.#retries++
      await Bun.sleep(100 + this.#chance.below(200))
    }
    this.#pending--
    onAcknowledged?.()
  }
}
