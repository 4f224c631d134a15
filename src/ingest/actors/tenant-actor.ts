/**
 * A tenant's actor: envelopes come in through its mailbox, one serial loop turns each into a row or a rejection and buffers the rows; the
 * writer takes them out. It knows no store, no broker and no other tenant.
 */
import type { EventDefinition } from '../../events/catalogue.ts'
import type { EventEnvelope } from '../../events/event-envelope.ts'
import { normaliseEvent, type NormalisedEvent } from '../../events/normalise-event.ts'
import { Rejection } from '../../events/rejection.ts'
import type { InFlightDelivery, InFlightVisitor } from '../accounting/ledger.ts'

/** After so many failures on one message, it goes to the dead letters. */
export const MAX_FAILURES_PER_MESSAGE = 3

/** A message in an actor's mailbox, or on its way there. */
export interface ActorMessage extends InFlightDelivery {
  readonly kind: EventDefinition
  readonly envelope: EventEnvelope
  /** How often this message has made an actor or the router fail. */
  failures: number
}

/** An event that waits to be stored. */
export interface BufferedEvent extends NormalisedEvent, InFlightDelivery {}

/** What an actor asks of its supervisor. */
export interface ActorSupervisor {
  /** The wall clock, epoch milliseconds. */
  now(): number
  /** The monotonic clock, milliseconds. */
  monotonic(): number
  /** The actor has something to do: it wants its `run` called soon, once. */
  onReady(actor: TenantActor): void
  /** The actor buffered an event. */
  onBuffered(actor: TenantActor): void
  onRejected(message: ActorMessage, rejection: Rejection): void
  /** The actor met an error it has no answer to and has stopped; `message` is what it was working on. */
  onFailed(actor: TenantActor, message: ActorMessage, error: unknown): void
}

/** What outlives an actor that failed. */
export interface ActorState {
  readonly mailbox: ActorMessage[]
  readonly buffer: BufferedEvent[]
}

export class TenantActor {
  readonly tenantId: string
  /** When it last worked or gave something, by the monotonic clock: how long it has been idle. */
  lastActiveAt: number
  readonly #supervisor: ActorSupervisor
  #mailbox: ActorMessage[]
  #buffer: BufferedEvent[]
  #isScheduled = false
  #hasFailed = false

  constructor(tenantId: string, supervisor: ActorSupervisor, state: ActorState = { mailbox: [], buffer: [] }) {
    this.tenantId = tenantId
    this.#supervisor = supervisor
    this.#mailbox = state.mailbox
    this.#buffer = state.buffer
    this.lastActiveAt = supervisor.monotonic()
    if (this.#mailbox.length > 0) this.#schedule()
  }

  post(message: ActorMessage): void {
    this.#mailbox.push(message)
    this.#schedule()
  }

  /** Takes up to `limit` of the oldest buffered events out. */
  take(limit: number): BufferedEvent[] {
    this.lastActiveAt = this.#supervisor.monotonic()
    if (this.#buffer.length <= limit) {
      const all = this.#buffer
      this.#buffer = []
      return all
    }
    return this.#buffer.splice(0, limit)
  }

  get bufferedCount(): number {
    return this.#buffer.length
  }

  forEachInFlight(visit: InFlightVisitor): void {
    // One account, as one tenant; which one it is only the deliveries know.
    const count = this.#mailbox.length + this.#buffer.length
    if (count > 0) visit((this.#mailbox[0] ?? this.#buffer[0])!.account, count)
  }

  get isIdle(): boolean {
    return this.#buffer.length === 0 && this.#mailbox.length === 0
  }

  /** Whether it has stopped, and a successor is on its way. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** What a successor goes on with. The actor does nothing any more. */
  detachState(): ActorState {
    const state = { mailbox: this.#mailbox, buffer: this.#buffer }
    this.#mailbox = []
    // Whoever still holds this actor, such as the age timer, finds nothing in it: the events are its successor's.
    this.#buffer = []
    return state
  }

  #schedule(): void {
    if (this.#isScheduled || this.#hasFailed) return
    this.#isScheduled = true
    this.#supervisor.onReady(this)
  }

  /**
   * The serial loop: works the mailbox off, one message after the other, at least one and then as long as `mayGoOn`. Returns false when messages are left, for
   * which it has to be called again. For the supervisor, after the actor was ready.
   */
  run(hasTimeLeft: () => boolean): boolean {
    const messages = this.#mailbox
    this.lastActiveAt = this.#supervisor.monotonic()
    for (let next = 0; next < messages.length; next++) {
      if (next > 0 && !hasTimeLeft()) {
        this.#mailbox = messages.slice(next)
        return false
      }
      const message = messages[next]!
      try {
        this.#process(message)
      } catch (error) {
        this.#hasFailed = true
        this.#mailbox = messages.slice(next + 1)
        this.#supervisor.onFailed(this, message, error)
        return true
      }
    }
    this.#mailbox = []
    this.#isScheduled = false
    return true
  }

  #process(message: ActorMessage): void {
    const { delivery, pending: ticket, account, kind, envelope } = message
    const event = normaliseEvent(envelope, {
      definition: kind,
      position: delivery.origin,
      messageId: delivery.messageId,
      now: this.#supervisor.now(),
    })
    if (event instanceof Rejection) return this.#supervisor.onRejected(message, event)
    this.#buffer.push({ row: event.row, names: event.names, delivery, pending: ticket, account })
    this.#supervisor.onBuffered(this)
  }
}
