import type { Clock } from '../base/clock.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import { type LiveMessage, resyncMessage, type ResyncReason } from './live-message.ts'

/** A client that receives nothing for twice this time can assume a broken connection. */
export const HEARTBEAT_MS = 4_000
/** Every third heartbeat checks the authorization again, which may verify a signature. */
const HEARTBEATS_PER_CHECK = 3
/** Messages that wait for a client: four seconds at the highest rate. Messages are shared between clients, so a queue needs little memory. */
const MAX_QUEUED = 16
/** A client that takes no message for this time is disconnected. */
const MAX_STALL_MS = 60_000

export interface LiveClientOptions {
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  /** When the authorization expires, in epoch milliseconds. */
  readonly expiresAt: number
  /** Checks the authorization again; resolves with false, or rejects, when the client may not read any more. */
  readonly isStillAuthorized: () => Promise<boolean>
  /** The current totals of the stream. */
  readonly snapshot: () => LiveMessage
  readonly onClosed: (client: LiveClient) => void
}

/**
 * One client of a stream. Messages are pushed by the stream and taken one at a time; others wait in a short queue. When the queue is full, it is replaced by a `resync` message and
 * a snapshot, which is created when the client takes it. So a slow client needs no more memory than the queue.
 */
export class LiveClient {
  readonly #options: LiveClientOptions
  #queue: LiveMessage[] = []
  #resyncReason: ResyncReason | undefined
  #resolveNext: ((next: LiveMessage | 'heartbeat' | undefined) => void) | undefined
  #lastTakenAt: number
  /** When the authorization expires, by the monotonic clock. */
  readonly #expiresAt: number
  #isClosed = false
  #cancelHeartbeat: () => void = () => {}
  #heartbeatCount = 0

  constructor(options: LiveClientOptions) {
    this.#options = options
    const { clock, expiresAt } = options
    this.#lastTakenAt = clock.monotonic()
    this.#expiresAt = clock.monotonic() + expiresAt - clock.now()
    this.#scheduleHeartbeat()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  push(message: LiveMessage): void {
    // The pending snapshot will contain it.
    if (this.#isClosed || this.#resyncReason !== undefined) return
    if (this.#queue.length >= MAX_QUEUED) return this.resync('slow')
    this.#queue.push(message)
    this.#deliver()
  }

  /** Invalidates everything sent so far: sends a `resync` message with the reason, then a snapshot. */
  resync(reason: ResyncReason): void {
    if (this.#isClosed || this.#resyncReason !== undefined) return
    this.#queue = []
    this.#resyncReason = reason
    this.#options.metrics.liveResyncs.add(1, { reason })
    this.#deliver()
  }

  /** The next message, or a heartbeat when there was none for a while; undefined at the end. For one caller, one call at a time. */
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
    if (this.#resyncReason === undefined) message = this.#queue.shift()
    else {
      message = resyncMessage(this.#resyncReason)
      this.#resyncReason = undefined
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
    const remainingMs = Math.max(0, this.#expiresAt - clock.monotonic())
    this.#cancelHeartbeat = clock.after(Math.min(HEARTBEAT_MS, remainingMs), () => void this.#heartbeat())
  }

  async #heartbeat(): Promise<void> {
    const { clock, expiresAt, isStillAuthorized } = this.#options
    const isStalled = !this.#resolveNext && clock.monotonic() - this.#lastTakenAt >= MAX_STALL_MS
    if (clock.monotonic() >= this.#expiresAt || clock.now() >= expiresAt || isStalled) return this.close()
    this.#settleNext('heartbeat')
    if (++this.#heartbeatCount % HEARTBEATS_PER_CHECK !== 0) return this.#scheduleHeartbeat()
    const isAuthorized = await isStillAuthorized().catch(() => false)
    if (this.#isClosed) return
    if (isAuthorized) this.#scheduleHeartbeat()
    else this.close()
  }
}
