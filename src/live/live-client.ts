import type { Clock } from '../base/clock.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { type LiveMessage, resyncMessage, type ResyncReason } from './live-message.ts'

/** A reader that hears nothing for twice as long knows that nothing gets through any more, though no connection ended. */
export const HEARTBEAT_MS = 4_000
/** With every third heartbeat it is looked whether the reader may still read: that can cost a signature. */
const HEARTBEATS_PER_CHECK = 3
/** So many messages wait for a client: four seconds at the fastest. They are shared, so that a queue weighs next to nothing. */
const MAX_QUEUED = 16
/** Whoever takes nothing for so long is gone, or might as well be. */
const MAX_STALL_MS = 60_000

export interface LiveClientOptions {
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  /** Epoch milliseconds: when what it was let in by ends. */
  readonly expiresAt: number
  /** Looks again whether it may still read; rejects, or resolves with false, when it may not. */
  readonly isStillAuthorized: () => Promise<boolean>
  /** What the stream has come to. */
  readonly snapshot: () => LiveMessage
  readonly onClosed: (client: LiveClient) => void
}

/**
 * One reader of a stream. Messages are pushed in and taken out one at a time; what is not taken waits in a short queue, and when that is full the client is told to
 * start over, with a snapshot made when it gets there: however slow, it holds no more memory than that.
 */
export class LiveClient {
  readonly #options: LiveClientOptions
  #queue: LiveMessage[] = []
  #resync: ResyncReason | undefined
  #resolveNext: ((next: LiveMessage | 'heartbeat' | undefined) => void) | undefined
  #lastTakenAt: number
  /** When what it was let in by ends, by the monotonic clock. */
  readonly #endsAt: number
  #isClosed = false
  #cancelHeartbeat: () => void = () => {}
  #heartbeatCount = 0

  constructor(options: LiveClientOptions) {
    this.#options = options
    const { clock, expiresAt } = options
    this.#lastTakenAt = clock.monotonic()
    this.#endsAt = clock.monotonic() + expiresAt - clock.now()
    this.#scheduleHeartbeat()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  push(message: LiveMessage): void {
    // The snapshot to come will hold it.
    if (this.#isClosed || this.#resync !== undefined) return
    if (this.#queue.length >= MAX_QUEUED) return this.restart('slow')
    this.#queue.push(message)
    this.#deliver()
  }

  /** What was sent so far is void: tells it why, then gives it a snapshot. */
  restart(reason: ResyncReason): void {
    if (this.#isClosed || this.#resync !== undefined) return
    this.#queue = []
    this.#resync = reason
    this.#options.metrics.liveResyncs.add(1, { reason })
    this.#deliver()
  }

  /** The next message, or a heartbeat when there has been none for a while; undefined at the end. For one taker, one call after the other. */
  next(): Promise<LiveMessage | 'heartbeat' | undefined> {
    this.#lastTakenAt = this.#options.clock.monotonic()
    const message = this.#isClosed ? undefined : this.#takeMessage()
    if (message !== undefined || this.#isClosed) return Promise.resolve(message)
    return new Promise((resolve) => {
      this.#resolveNext = resolve
    })
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#queue = []
    this.#cancelHeartbeat()
    this.#settleNext(undefined)
    this.#options.onClosed(this)
  }

  #takeMessage(): LiveMessage | undefined {
    let message: LiveMessage | undefined
    if (this.#resync === undefined) message = this.#queue.shift()
    else {
      message = resyncMessage(this.#resync)
      this.#resync = undefined
      this.#queue = [this.#options.snapshot()]
    }
    if (message) this.#options.metrics.liveMessages.add(1, { event: message.event })
    return message
  }

  #deliver(): void {
    if (!this.#resolveNext) return
    const message = this.#takeMessage()
    if (message) this.#settleNext(message)
  }

  #settleNext(next: LiveMessage | 'heartbeat' | undefined): void {
    const resolve = this.#resolveNext
    this.#resolveNext = undefined
    resolve?.(next)
  }

  #scheduleHeartbeat(): void {
    const { clock } = this.#options
    const leftMs = Math.max(0, this.#endsAt - clock.monotonic())
    this.#cancelHeartbeat = clock.after(Math.min(HEARTBEAT_MS, leftMs), () => void this.#heartbeat())
  }

  async #heartbeat(): Promise<void> {
    const { clock, expiresAt, isStillAuthorized: isStillAllowed } = this.#options
    const isStalled = !this.#resolveNext && clock.monotonic() - this.#lastTakenAt >= MAX_STALL_MS
    if (clock.monotonic() >= this.#endsAt || clock.now() >= expiresAt || isStalled) return this.close()
    this.#settleNext('heartbeat')
    if (++this.#heartbeatCount % HEARTBEATS_PER_CHECK !== 0) return this.#scheduleHeartbeat()
    const isAllowed = await isStillAllowed().catch(() => false)
    if (this.#isClosed) return
    if (isAllowed) this.#scheduleHeartbeat()
    else this.close()
  }
}
