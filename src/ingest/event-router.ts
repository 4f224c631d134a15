/**
 * Which way an event goes that was opened: to its tenant's actor here, to wait because its tenant has had too many, or to the process that stores its tenant's events.
 */
import { backoffMs } from '../clock.ts'
import type { HeldVisitor } from './ledger.ts'
import { Onward, type OnwardOptions } from './onward.ts'
import type { DelayedSink, Routing } from './ports.ts'
import type { Quotas } from './quotas.ts'
import { type ActorMessage, MAX_FAILURES_PER_MESSAGE } from './tenant-actor.ts'

/** Where a message comes from. */
export interface MessageOrigin {
  /** The source gives back a tenant's delayed events: they count against its quota, and are not delayed again. */
  readonly laneOf?: string
  /** Somebody else has passed it on: it is for this process to store. */
  readonly isPassedOn?: boolean
}

export interface EventRouterOptions extends Omit<OnwardOptions, 'sinks'> {
  readonly quotas: Quotas
  readonly delayed: DelayedSink
  /** Undefined = this process stores everybody's events. */
  readonly routing: Routing | undefined
  /** To its tenant's actor. */
  readonly onAccepted: (message: ActorMessage) => void
  /** It made the router fail repeatedly. */
  readonly onFailed: (message: ActorMessage) => void
}

export class EventRouter {
  readonly #options: EventRouterOptions
  readonly #onward: Onward
  /** Messages for which it is not settled who stores them, so that none overtakes an earlier one. */
  #unsettled: ActorMessage[] = []
  /** Messages that made the router fail, until they are tried again. */
  readonly #failing = new Set<ActorMessage>()

  constructor(options: EventRouterOptions) {
    this.#options = options
    this.#onward = new Onward({ ...options, sinks: { delayed: options.delayed, passed: options.routing } })
  }

  take(message: ActorMessage, { laneOf, isPassedOn }: MessageOrigin): void {
    this.#try(message, () => {
      if (laneOf !== undefined || isPassedOn === true) this.#accept(message, laneOf)
      else this.#route(message)
    })
  }

  /** It is settled by now who stores the events of some that waited for it. */
  reroute(): void {
    const messages = this.#unsettled
    this.#unsettled = []
    for (const message of messages) this.#try(message, () => this.#route(message))
  }

  forEachHeld(visit: HeldVisitor): void {
    this.#onward.forEachHeld(visit)
    for (const { account } of this.#unsettled) visit(account, 1)
    for (const { account } of this.#failing) visit(account, 1)
  }

  /** An exception that nobody expected: the message is tried again, a few times, and its neighbours go on. */
  #try(message: ActorMessage, task: () => void): void {
    const { clock, report, onFailed } = this.#options
    try {
      task()
    } catch (error) {
      message.failures++
      report('ingestion', error, { part: 'router', sequence: message.delivery.place.sequence })
      if (message.failures >= MAX_FAILURES_PER_MESSAGE) return onFailed(message)
      this.#failing.add(message)
      clock.after(backoffMs(message.failures), () => {
        this.#failing.delete(message)
        this.#try(message, task)
      })
    }
  }

  #route(message: ActorMessage): void {
    const way = this.#options.routing?.wayOf(message.envelope.tenantId) ?? 'ours'
    if (way === 'ours') this.#accept(message, undefined)
    else if (way === 'others') this.#onward.send(message, 'passed')
    else this.#unsettled.push(message)
  }

  #accept(message: ActorMessage, laneOf: string | undefined): void {
    const { quotas, delayed, onAccepted } = this.#options
    const { tenantId } = message.envelope
    if (laneOf !== undefined) quotas.spend(laneOf)
    else if (!quotas.admits(tenantId)) {
      if (delayed.fits(message.delivery)) return this.#onward.send(message, 'delayed')
      // Waiting for room that never comes would stop everybody: it passes at the cost of those that wait.
      quotas.spend(tenantId)
    }
    onAccepted(message)
  }
}
