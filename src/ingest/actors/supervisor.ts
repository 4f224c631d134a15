/**
 * Keeps one actor per tenant that has events: starts it, runs it, restarts it after a failure, and removes it when it is idle.
 */
import { backoffMs } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../../base/unexpected-errors.ts'
import type { EventScanner } from '../../events/scan/event-scanner.ts'
import type { InFlightVisitor, Ledger, LedgerAccount } from '../accounting/ledger.ts'
import type { DecodedEvent } from '../stages.ts'
import { type ActorFailure, TenantActor, type TenantActorOptions } from './tenant-actor.ts'

const IDLE_AFTER_MS = 60_000
const IDLE_SWEEP_MS = 15_000
/** Each time this many actors were added, idle ones are removed at once, and sooner: memory follows the tenants with events in flight, not all tenants of the last minute. */
const SWEEP_THRESHOLD = 10_000
const IDLE_AFTER_WHEN_CROWDED_MS = 1_000
/** After this time the actors yield to the event loop: one event of many values takes milliseconds, and a delivery brings many events. */
const MAX_RUN_MS = 20

export interface SupervisorOptions extends TenantActorOptions {
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  /** The account of a tenant is released with its actor. */
  readonly ledger: Pick<Ledger, 'release'>
}

export class Supervisor {
  readonly #options: SupervisorOptions
  readonly #actors = new Set<TenantActor>()
  /** Actors to run in the next microtask: one microtask for all, as one for each costs more than most runs. */
  #readyActors: TenantActor[] = []
  #isRunScheduled = false
  #sweepThreshold = SWEEP_THRESHOLD
  #cancelSweep: (() => void) | undefined
  #now: number | undefined

  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#scheduleSweep()
  }

  /** Hands an event to the actor of its tenant. `scanner` is given when it holds the event: an actor without waiting events appends it at once. */
  post(event: DecodedEvent, scanner?: EventScanner): void {
    const actor = this.#actorOf(event.account)
    if (scanner && this.#append(actor, event, scanner)) return
    if (actor.post(event)) this.#scheduleRun(actor)
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const actor of this.#actors) actor.forEachInFlight(visit)
  }

  /** Stops the timer. */
  close(): void {
    this.#cancelSweep?.()
  }

  /** After an error the actor parses the message instead; a repeated error there restarts it. */
  #append(actor: TenantActor, event: DecodedEvent, scanner: EventScanner): boolean {
    try {
      return actor.append(event, scanner, this.#turnStartedAt())
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'actor', tenantId: actor.account.tenantId })
      return false
    }
  }

  /** The time of the monotonic clock, read once for all events of a turn: a chunk of the connection contains hundreds. */
  #turnStartedAt(): number {
    if (this.#now === undefined) {
      this.#now = this.#options.clock.monotonic()
      queueMicrotask(() => (this.#now = undefined))
    }
    return this.#now
  }

  #actorOf(account: LedgerAccount): TenantActor {
    if (account.actor instanceof TenantActor) return account.actor
    if (this.#actors.size >= this.#sweepThreshold) this.#sweep()
    const actor = new TenantActor(account, this.#options)
    account.actor = actor
    this.#actors.add(actor)
    this.#options.metrics.actorsAlive.set(this.#actors.size)
    return actor
  }

  #scheduleRun(actor: TenantActor): void {
    this.#readyActors.push(actor)
    if (this.#isRunScheduled) return
    this.#isRunScheduled = true
    queueMicrotask(() => this.#runReadyActors())
  }

  /** Runs the ready actors one after the other until the time is over; the others are run in a later turn of the event loop. */
  #runReadyActors(): void {
    const { clock } = this.#options
    let next = 0
    try {
      const end = clock.monotonic() + MAX_RUN_MS
      const hasTimeLeft = () => clock.monotonic() < end
      for (; next < this.#readyActors.length && (next === 0 || hasTimeLeft()); next++) {
        const actor = this.#readyActors[next]!
        // An actor with events left waits behind the others.
        if (!this.#run(actor, hasTimeLeft)) this.#readyActors.push(actor)
      }
    } finally {
      this.#readyActors = this.#readyActors.slice(next)
      this.#isRunScheduled = this.#readyActors.length > 0
      if (this.#isRunScheduled) clock.after(0, () => this.#runReadyActors())
    }
  }

  /** Returns false when events are left in the mailbox of the actor. Never throws: an error must not stop the other actors. */
  #run(actor: TenantActor, hasTimeLeft: () => boolean): boolean {
    try {
      const result = actor.run(hasTimeLeft)
      if (typeof result === 'object') this.#restart(actor, result)
      return result !== 'more'
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'actor', tenantId: actor.account.tenantId })
      return true
    }
  }

  /** The timer is set first: the actor is run again even when the failure cannot be logged. */
  #restart(actor: TenantActor, { event, error }: ActorFailure): void {
    const { clock, logger, metrics, report } = this.#options
    clock.after(backoffMs(event.failures), () => this.#scheduleRun(actor))
    const logFields = { tenantId: actor.account.tenantId, sequence: event.delivery.place.sequence }
    metrics.actorRestarts.add(1)
    report('ingestion', error, { part: 'actor', ...logFields })
    logger.error('tenant actor failed; restarting', { ...logFields, error })
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

  /** Removes idle actors. An actor stays while the account of its tenant has unsettled deliveries, so that the account is released in a later sweep. */
  #sweep(): void {
    const { clock, ledger, metrics } = this.#options
    const idleMs = this.#actors.size >= SWEEP_THRESHOLD ? IDLE_AFTER_WHEN_CROWDED_MS : IDLE_AFTER_MS
    const idleSince = clock.monotonic() - idleMs
    for (const actor of this.#actors)
      if (actor.isIdle && actor.lastActiveAt < idleSince && ledger.release(actor.account)) this.#actors.delete(actor)
    this.#sweepThreshold = this.#actors.size + SWEEP_THRESHOLD
    metrics.actorsAlive.set(this.#actors.size)
  }
}
