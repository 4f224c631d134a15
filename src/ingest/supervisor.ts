/**
 * Keeps one actor per tenant that has something to do: starts it, restarts it when it fails, sends it home when it is idle, and knows
 * which actors are due for a flush, by size or by age. The writer takes its batches here.
 */
import { backoffMs, type Clock } from '../clock.ts'
import { Rejection } from '../events/rejection.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { type ActorMessage, type ActorSupervisor, type BufferedEvent, TenantActor } from './tenant-actor.ts'

/** After so many failures on one message, it goes to the dead letters. */
const MAX_FAILURES_PER_MESSAGE = 3
const IDLE_AFTER_MS = 60_000
const IDLE_SWEEP_MS = 15_000

export interface SupervisorOptions {
  readonly bufferSize: number
  readonly flushIntervalMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  /** A flush is due. */
  readonly onFlushDue: () => void
  readonly onRejected: (message: ActorMessage, rejection: Rejection) => void
}

export class Supervisor implements ActorSupervisor {
  readonly #options: SupervisorOptions
  readonly #actors = new Map<string, TenantActor>()
  /** Actors whose buffer awaits its age, oldest first: the interval is one for all, so the order of arrival is the order of deadlines. */
  #aging: { actor: TenantActor; dueAt: number }[] = []
  readonly #due = new Set<TenantActor>()
  #cancelAgeTimer: (() => void) | undefined
  #cancelSweep: (() => void) | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#scheduleSweep()
  }

  post(message: ActorMessage): void {
    const { tenantId } = message.envelope
    let actor = this.#actors.get(tenantId)
    if (!actor) {
      actor = new TenantActor(tenantId, this, this.#options.bufferSize)
      this.#actors.set(tenantId, actor)
      this.#options.metrics.actorsAlive.set(this.#actors.size)
    }
    actor.post(message)
  }

  /** Makes every buffered event due now. */
  flushAll(): void {
    for (const { actor } of this.#aging) this.#due.add(actor)
    this.#aging = []
    if (this.#due.size > 0) this.#options.onFlushDue()
  }

  /** Up to `limit` events of the actors that are due, a fair share of each; what is left stays due. */
  take(limit: number): BufferedEvent[] {
    const batch: BufferedEvent[] = []
    while (batch.length < limit && this.#due.size > 0) {
      const share = Math.max(1, Math.ceil((limit - batch.length) / this.#due.size))
      for (const actor of [...this.#due]) {
        const taken = actor.take(Math.min(share, limit - batch.length))
        for (const event of taken) batch.push(event)
        // Whoever had a turn goes to the end, or those behind would starve while the first are refilled.
        this.#due.delete(actor)
        if (actor.bufferedCount > 0) this.#due.add(actor)
        if (batch.length >= limit) break
      }
    }
    return batch
  }

  /** Events that are due. */
  get dueCount(): number {
    let count = 0
    for (const actor of this.#due) count += actor.bufferedCount
    return count
  }

  get bufferedCount(): number {
    let count = 0
    for (const actor of this.#actors.values()) count += actor.bufferedCount
    return count
  }

  /** Stops the timers. */
  close(): void {
    this.#cancelAgeTimer?.()
    this.#cancelSweep?.()
  }

  now(): number {
    return this.#options.clock.now()
  }

  started(actor: TenantActor): void {
    this.#aging.push({ actor, dueAt: this.now() + this.#options.flushIntervalMs })
    if (!this.#cancelAgeTimer) this.#armAgeTimer()
  }

  filled(actor: TenantActor): void {
    this.#due.add(actor)
    this.#options.onFlushDue()
  }

  rejected(message: ActorMessage, rejection: Rejection): void {
    this.#options.onRejected(message, rejection)
  }

  failed(actor: TenantActor, message: ActorMessage, error: unknown): void {
    const { clock, logger, metrics, bufferSize } = this.#options
    message.failures++
    metrics.actorRestarts.add(1)
    logger.error('tenant actor failed and is restarted', {
      tenantId: actor.tenantId,
      sequence: message.delivery.sequence,
      error,
    })
    const retry = message.failures < MAX_FAILURES_PER_MESSAGE
    if (!retry) this.rejected(message, new Rejection('processing_failed'))
    clock.after(backoffMs(message.failures), () => {
      const { mailbox, buffer } = actor.surrender()
      const successor = new TenantActor(actor.tenantId, this, bufferSize, {
        mailbox: retry ? [message, ...mailbox] : mailbox,
        buffer,
      })
      this.#actors.set(actor.tenantId, successor)
      if (buffer.length > 0) {
        this.#due.delete(actor)
        this.#due.add(successor)
        this.#options.onFlushDue()
      }
    })
  }

  /** The timer only signals that flushes are due: a flush that fails surfaces in the writer's loop. */
  #armAgeTimer(): void {
    const oldest = this.#aging[0]
    this.#cancelAgeTimer = undefined
    if (!oldest) return
    this.#cancelAgeTimer = this.#options.clock.after(Math.max(0, oldest.dueAt - this.now()), () => {
      const now = this.now()
      let ripe = 0
      while (ripe < this.#aging.length && this.#aging[ripe]!.dueAt <= now) {
        const { actor } = this.#aging[ripe++]!
        if (actor.bufferedCount > 0) this.#due.add(actor)
      }
      this.#aging = this.#aging.slice(ripe)
      this.#armAgeTimer()
      if (this.#due.size > 0) this.#options.onFlushDue()
    })
  }

  #scheduleSweep(): void {
    this.#cancelSweep = this.#options.clock.after(IDLE_SWEEP_MS, () => {
      const before = this.now() - IDLE_AFTER_MS
      for (const [tenantId, actor] of this.#actors)
        if (actor.isIdle && actor.lastActiveAt < before) this.#actors.delete(tenantId)
      this.#options.metrics.actorsAlive.set(this.#actors.size)
      this.#scheduleSweep()
    })
  }
}
