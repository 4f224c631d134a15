/**
 * Which way an event goes that was opened: to its tenant's actor here, to wait because its tenant has had too many, or to the process that stores its tenant's events.
 */
import { backoffMs } from '../../base/clock.ts'
import type { InFlightVisitor } from '../accounting/ledger.ts'
import { Forwarder, type ForwarderOptions } from './forwarder.ts'
import type { DeferredSink, TenantRouting } from '../ports.ts'
import type { Quotas } from './quotas.ts'
import { type ActorMessage, MAX_FAILURES_PER_MESSAGE } from '../actors/tenant-actor.ts'

/** Where a message comes from. */
export interface SourceContext {
  /** The source gives back a tenant's delayed events: they count against its quota, and are not delayed again. */
  readonly deferredTenant?: string
  /** Somebody else has passed it on: it is for this process to store. */
  readonly isForwarded?: boolean
}

export interface EventRouterOptions extends Omit<ForwarderOptions, 'sinks'> {
  readonly quotas: Quotas
  readonly delayed: DeferredSink
  /** Undefined = this process stores everybody's events. */
  readonly routing: TenantRouting | undefined
  /** To its tenant's actor. */
  readonly onAccepted: (message: ActorMessage) => void
  /** It made the router fail repeatedly. */
  readonly onFailed: (message: ActorMessage) => void
}

export class EventRouter {
  readonly #options: EventRouterOptions
  readonly #forwarder: Forwarder
  /** Messages for which it is not settled who stores them, so that none overtakes an earlier one. */
  #pending: ActorMessage[] = []
  /** Messages that made the router fail, until they are tried again. */
  readonly #retrying = new Set<ActorMessage>()

  constructor(options: EventRouterOptions) {
    this.#options = options
    this.#forwarder = new Forwarder({ ...options, sinks: { delayed: options.delayed, passed: options.routing } })
  }

  take(message: ActorMessage, { deferredTenant: laneOf, isForwarded: isPassedOn }: SourceContext): void {
    this.#tryOrRetry(message, () => {
      if (laneOf !== undefined || isPassedOn === true) this.#accept(message, laneOf)
      else this.#route(message)
    })
  }

  /** It is settled by now who stores the events of some that waited for it. */
  routePending(): void {
    const messages = this.#pending
    this.#pending = []
    for (const message of messages) this.#tryOrRetry(message, () => this.#route(message))
  }

  forEachInFlight(visit: InFlightVisitor): void {
    this.#forwarder.forEachInFlight(visit)
    for (const { account } of this.#pending) visit(account, 1)
    for (const { account } of this.#retrying) visit(account, 1)
  }

  /** An exception that nobody expected: the message is tried again, a few times, and its neighbours go on. */
  #tryOrRetry(message: ActorMessage, task: () => void): void {
    const { clock, report, onFailed } = this.#options
    try {
      task()
    } catch (error) {
      message.failures++
      report('ingestion', error, { part: 'router', sequence: message.delivery.place.sequence })
      if (message.failures >= MAX_FAILURES_PER_MESSAGE) return onFailed(message)
      this.#retrying.add(message)
      clock.after(backoffMs(message.failures), () => {
        this.#retrying.delete(message)
        this.#tryOrRetry(message, task)
      })
    }
  }

  #route(message: ActorMessage): void {
    const route = this.#options.routing?.routeOf(message.envelope.tenantId) ?? 'ours'
    if (route === 'ours') this.#accept(message, undefined)
    else if (route === 'others') this.#forwarder.send(message, 'passed')
    else this.#pending.push(message)
  }

  #accept(message: ActorMessage, deferredTenant: string | undefined): void {
    const { quotas, delayed, onAccepted } = this.#options
    const { tenantId } = message.envelope
    if (deferredTenant !== undefined) quotas.spend(deferredTenant)
    else if (!quotas.admits(tenantId)) {
      if (delayed.fits(message.delivery)) return this.#forwarder.send(message, 'delayed')
      // Waiting for room that never comes would stop everybody: it passes at the cost of those that wait.
      quotas.spend(tenantId)
    }
    onAccepted(message)
  }
}
