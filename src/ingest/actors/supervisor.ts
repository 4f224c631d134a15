/**
 * Keeps one actor per tenant that has something to do: starts it, restarts it when it fails, sends it home when it is idle, and knows
 * when a flush is due, by one buffer's size or age. The writer takes its batches here: of all that is buffered, a fair share of each.
 */
import { backoffMs, type Clock } from '../../base/clock.ts'
import { Rejection } from '../../events/rejection.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { InFlightVisitor } from '../accounting/ledger.ts'
import {
  type ActorMessage,
  type ActorSupervisor,
  type BufferedEvent,
  MAX_FAILURES_PER_MESSAGE,
  TenantActor,
} from './tenant-actor.ts'

const IDLE_AFTER_MS = 60_000
const IDLE_SWEEP_MS = 15_000
/** Whenever so many actors have come, idle ones are looked for at once, and go home sooner: memory follows the tenants that have something under way, not all of a minute. */
const SWEEP_THRESHOLD = 10_000
const IDLE_AFTER_WHEN_CROWDED_MS = 1_000
/** After so long the actors let everything else in: one event of many values takes milliseconds, and a delivery brings many. */
const MAX_RUN_MS = 20

export interface SupervisorOptions {
  readonly bufferSize: number
  readonly flushIntervalMs: number
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  /** A flush is due. */
  readonly onFlushDue: () => void
  readonly onRejected: (message: ActorMessage, rejection: Rejection) => void
  /** A tenant's actor has nothing to do. Returns whether it may go home; else it is asked again later. */
  readonly onIdle: (tenantId: string) => boolean
}

export class Supervisor implements ActorSupervisor {
  readonly #options: SupervisorOptions
  readonly #actors = new Map<string, TenantActor>()
  /** Actors that have something buffered; those that had a turn are behind those that wait for one. */
  readonly #actorsWithEvents = new Set<TenantActor>()
  /** What failed actors were working on, until their successors take over. */
  readonly #retrying = new Set<ActorMessage>()
  /** Actors whose turn comes in the next microtask: one for all, as one for each costs more than most turns. */
  #readyActors: TenantActor[] = []
  #isRunScheduled = false
  #bufferedCount = 0
  #isFlushDue = false
  #sweepThreshold = SWEEP_THRESHOLD
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
      if (this.#actors.size >= this.#sweepThreshold) this.#sweep()
      actor = new TenantActor(tenantId, this)
      this.#actors.set(tenantId, actor)
      this.#options.metrics.actorsAlive.set(this.#actors.size)
    }
    actor.post(message)
  }

  /** Makes everything that is buffered due now. */
  flushAll(): void {
    if (this.#bufferedCount === 0) return
    this.#isFlushDue = true
    this.#options.onFlushDue()
  }

  /** Up to `limit` of the buffered events, a fair share of each tenant's, oldest first; what is left stays due. */
  take(limit: number): BufferedEvent[] {
    const batch: BufferedEvent[] = []
    while (batch.length < limit && this.#actorsWithEvents.size > 0) {
      const share = Math.max(1, Math.ceil((limit - batch.length) / this.#actorsWithEvents.size))
      for (const actor of [...this.#actorsWithEvents]) {
        for (const event of actor.take(Math.min(share, limit - batch.length))) batch.push(event)
        // Whoever had a turn goes to the end, or those behind would starve while the first are refilled.
        this.#actorsWithEvents.delete(actor)
        if (actor.bufferedCount > 0) this.#actorsWithEvents.add(actor)
        if (batch.length >= limit) break
      }
    }
    this.#bufferedCount -= batch.length
    if (this.#bufferedCount > 0) return batch
    this.#isFlushDue = false
    this.#cancelAgeTimer?.()
    this.#cancelAgeTimer = undefined
    return batch
  }

  get isFlushDue(): boolean {
    return this.#isFlushDue
  }

  get bufferedCount(): number {
    return this.#bufferedCount
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const actor of this.#actors.values()) actor.forEachInFlight(visit)
    for (const { account } of this.#retrying) visit(account, 1)
  }

  /** Stops the timers. */
  close(): void {
    this.#cancelAgeTimer?.()
    this.#cancelSweep?.()
  }

  now(): number {
    return this.#options.clock.now()
  }

  monotonic(): number {
    return this.#options.clock.monotonic()
  }

  onReady(actor: TenantActor): void {
    this.#readyActors.push(actor)
    if (this.#isRunScheduled) return
    this.#isRunScheduled = true
    queueMicrotask(() => this.#runReadyActors())
  }

  onBuffered(actor: TenantActor): void {
    const { bufferSize, flushIntervalMs, clock } = this.#options
    this.#bufferedCount++
    if (actor.bufferedCount === 1) this.#actorsWithEvents.add(actor)
    if (this.#isFlushDue) return
    // The timer only signals that a flush is due: one that fails surfaces in the writer's loop.
    this.#cancelAgeTimer ??= clock.after(flushIntervalMs, () => this.flushAll())
    if (actor.bufferedCount >= bufferSize) this.flushAll()
  }

  onRejected(message: ActorMessage, rejection: Rejection): void {
    this.#options.onRejected(message, rejection)
  }

  onFailed(actor: TenantActor, message: ActorMessage, error: unknown): void {
    const { clock, logger, metrics, report } = this.#options
    message.failures++
    const retry = message.failures < MAX_FAILURES_PER_MESSAGE
    if (retry) this.#retrying.add(message)
    else this.onRejected(message, new Rejection('processing_failed'))
    clock.after(backoffMs(message.failures), () => {
      this.#retrying.delete(message)
      this.#replace(actor, retry ? [message] : [])
    })
    const logFields = { tenantId: actor.tenantId, sequence: message.delivery.place.sequence }
    metrics.actorRestarts.add(1)
    report('ingestion', error, { part: 'actor', ...logFields })
    logger.error('tenant actor failed and is restarted', { ...logFields, error })
  }

  /** A new actor goes on with what the other held, behind `first`. */
  #replace(actor: TenantActor, first: readonly ActorMessage[]): void {
    const { mailbox, buffer } = actor.detachState()
    const successor = new TenantActor(actor.tenantId, this, { mailbox: [...first, ...mailbox], buffer })
    this.#actors.set(actor.tenantId, successor)
    if (this.#actorsWithEvents.delete(actor)) this.#actorsWithEvents.add(successor)
  }

  /** Runs the actors that are ready, one after the other, until their time is over; the rest goes on in a later turn of the event loop. */
  #runReadyActors(): void {
    const { clock } = this.#options
    const end = clock.monotonic() + MAX_RUN_MS
    const hasTimeLeft = () => clock.monotonic() < end
    let next = 0
    for (; next < this.#readyActors.length && (next === 0 || hasTimeLeft()); next++) {
      const actor = this.#readyActors[next]!
      // One that has more to do waits behind the others.
      if (!this.#run(actor, hasTimeLeft)) this.#readyActors.push(actor)
    }
    this.#readyActors = this.#readyActors.slice(next)
    this.#isRunScheduled = this.#readyActors.length > 0
    if (this.#isRunScheduled) clock.after(0, () => this.#runReadyActors())
  }

  /** An actor answers for what its messages do. What it does not catch itself must stop neither its tenant nor the others. */
  #run(actor: TenantActor, hasTimeLeft: () => boolean): boolean {
    try {
      return actor.run(hasTimeLeft)
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'actor', tenantId: actor.tenantId })
      // What was done already is done again, and recognised.
      if (!actor.hasFailed) this.#replace(actor, [])
      return true
    }
  }

  #scheduleSweep(): void {
    const { clock, report } = this.#options
    this.#cancelSweep = clock.after(IDLE_SWEEP_MS, () => {
      this.#scheduleSweep()
      try {
        this.#sweep()
      } catch (error) {
        report('ingestion', error, { part: 'idle actors' })
      }
    })
  }

  /** Sends idle actors home. */
  #sweep(): void {
    const { metrics, onIdle } = this.#options
    const idleSince =
      this.monotonic() - (this.#actors.size >= SWEEP_THRESHOLD ? IDLE_AFTER_WHEN_CROWDED_MS : IDLE_AFTER_MS)
    for (const [tenantId, actor] of this.#actors)
      if (actor.isIdle && actor.lastActiveAt < idleSince && onIdle(tenantId)) this.#actors.delete(tenantId)
    this.#sweepThreshold = this.#actors.size + SWEEP_THRESHOLD
    metrics.actorsAlive.set(this.#actors.size)
  }
}
