import { parseEventEnvelope } from '../../events/event-envelope.ts'
import { normaliseEvent, type NormalisedEvent } from '../../events/normalise/normalise-event.ts'
import type { EventScanner } from '../../events/scan/event-scanner.ts'
import type { Clock } from '../../base/clock.ts'
import { Rejection } from '../../events/rejection.ts'
import type { InFlightVisitor, LedgerAccount } from '../accounting/ledger.ts'
import { type DecodedEvent, recordFailure, type Reject } from '../stages.ts'
import type { EventBuffer } from '../writer/event-buffer.ts'

export interface TenantActorOptions {
  readonly clock: Clock
  /** The stages after this one. */
  readonly buffer: Pick<EventBuffer, 'blockFor' | 'add'>
  readonly reject: Reject
}

/** An actor stopped at an event that caused an unexpected error. */
export interface ActorFailure {
  readonly event: DecodedEvent
  readonly error: unknown
}

/** The actor of a tenant: a mailbox and a serial loop, which normalises each event and hands it to the buffer, or rejects it. */
export class TenantActor {
  readonly account: LedgerAccount
  /** When it was last run, by the monotonic clock. */
  lastActiveAt: number
  readonly #options: TenantActorOptions
  #mailbox: DecodedEvent[] = []
  #isRunDue = false

  constructor(account: LedgerAccount, options: TenantActorOptions) {
    this.account = account
    this.#options = options
    this.lastActiveAt = options.clock.monotonic()
  }

  /** Appends the event that the scanner holds. False while earlier events wait: they go first. `now` is the time of the monotonic clock. */
  append(event: DecodedEvent, scanner: EventScanner, now: number): boolean {
    if (this.#isRunDue) return false
    const { buffer } = this.#options
    this.lastActiveAt = now
    const block = buffer.blockFor(scanner.occurredAt)
    scanner.append(block.events, event.delivery)
    buffer.add(block, event)
    return true
  }

  /** Returns whether `run` has to be called for it; false when that is due already. */
  post(event: DecodedEvent): boolean {
    this.#mailbox.push(event)
    if (this.#isRunDue) return false
    this.#isRunDue = true
    return true
  }

  /**
   * Processes the mailbox in order: at least one event, then more while `hasTimeLeft`. When events are left (`more`), or after a failure, `run` has to be called again.
   * An event that failed stays first in the mailbox; after its last attempt it is rejected.
   */
  run(hasTimeLeft: () => boolean): 'done' | 'more' | ActorFailure {
    const mailbox = this.#mailbox
    let next = 0
    try {
      this.lastActiveAt = this.#options.clock.monotonic()
      for (; next < mailbox.length; next++) {
        if (next > 0 && !hasTimeLeft()) return 'more'
        this.#process(mailbox[next]!)
      }
      this.#isRunDue = false
      return 'done'
    } catch (error) {
      const event = mailbox[next]!
      if (!recordFailure(event)) {
        next++
        this.#options.reject(event, new Rejection('processing_failed'))
      }
      return { event, error }
    } finally {
      this.#mailbox = next < mailbox.length ? mailbox.slice(next) : []
    }
  }

  get isIdle(): boolean {
    return !this.#isRunDue
  }

  forEachInFlight(visit: InFlightVisitor): void {
    if (this.#mailbox.length > 0) visit(this.account, this.#mailbox.length)
  }

  #process(decoded: DecodedEvent): void {
    const { buffer, reject } = this.#options
    const event = this.#normalise(decoded)
    if (event instanceof Rejection) return reject(decoded, event)
    const { delivery, pending, account } = decoded
    const block = buffer.blockFor(event.row.occurred_at)
    block.events.append(event.row, event.names)
    buffer.add(block, { delivery, pending, account })
  }

  #normalise({ delivery, definition, envelope }: DecodedEvent): NormalisedEvent | Rejection {
    const parsed = envelope ?? parseEventEnvelope(delivery.data)
    if (parsed instanceof Rejection) return parsed
    return normaliseEvent(parsed, {
      definition,
      position: delivery.origin,
      messageId: delivery.messageId,
      now: this.#options.clock.now(),
    })
  }
}
