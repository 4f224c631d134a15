/**
 * The second stage: decodes each delivery and sends it to the next stage, which is the actor of its tenant, the forwarder (the tenant is over its quota, or another
 * process stores its events) or the dead letters. An ordinary event is scanned: the actor appends it to a block without an object made from its message.
 */
import { backoffMs, type Clock } from '../base/clock.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { findEventDefinition, type EventDefinition } from '../events/catalogue.ts'
import { Rejection } from '../events/rejection.ts'
import { EventScanner } from '../events/scan/event-scanner.ts'
import { AccountTable } from './accounting/account-table.ts'
import type { PendingDelivery } from './accounting/ack-floor.ts'
import type { DeliveryAccounting } from './accounting/delivery-accounting.ts'
import type { InFlightVisitor } from './accounting/ledger.ts'
import type { Supervisor } from './actors/supervisor.ts'
import { decodeDelivery } from './decode-delivery.ts'
import type { ClusterPorts, DeferredSink, Delivery } from './ports.ts'
import type { Quotas } from './quotas.ts'
import type { Forwarder } from './sinks/forwarder.ts'
import { type DecodedEvent, recordFailure, type Reject, type Settle, type SourceContext } from './stages.ts'

export interface EventRouterOptions {
  readonly accounting: Pick<DeliveryAccounting, 'open' | 'ledger'>
  readonly quotas: Quotas
  readonly deferredSink: Pick<DeferredSink, 'fits'>
  /** Undefined = this process stores the events of every tenant. */
  readonly cluster: ClusterPorts | undefined
  readonly clock: Clock
  readonly report: ReportUnexpectedError
  /** The stages after this one. */
  readonly supervisor: Pick<Supervisor, 'post'>
  readonly forwarder: Pick<Forwarder, 'send'>
  readonly reject: Reject
  readonly settle: Settle
}

export class EventRouter {
  readonly #options: EventRouterOptions
  readonly #scanner = new EventScanner()
  readonly #accounts: AccountTable
  /** Events of tenants whose location is not decided. They keep their order. */
  #pending: DecodedEvent[] = []
  /** Events that caused an unexpected error here, until their next attempt. */
  readonly #retrying = new Set<DecodedEvent>()

  constructor(options: EventRouterOptions) {
    this.#options = options
    this.#accounts = new AccountTable(options.accounting.ledger)
  }

  /** Takes over a delivery that was not seen before. Must not throw. */
  accept(delivery: Delivery, pending: PendingDelivery, context: SourceContext): void {
    const { accounting, reject, settle, report } = this.#options
    const scanned = this.#scan(delivery)
    if (scanned) {
      const account = this.#accounts.accountOf(this.#scanner)
      accounting.open(delivery, account)
      const event = { delivery, pending, account, definition: scanned, envelope: undefined, failures: 0 }
      return this.#routeOrRetry(event, context, this.#scanner)
    }
    const { definition, envelope, rejection } = decodeDelivery(delivery, report)
    const account = accounting.ledger.accountOf(envelope?.tenantId)
    accounting.open(delivery, account)
    const inFlight = { delivery, pending, account }
    if (rejection) reject(inFlight, rejection)
    else if (definition && envelope) this.#routeOrRetry({ ...inFlight, definition, envelope, failures: 0 }, context)
    // Only events are forwarded: any other message there was not published by a process of this service.
    else if (context.isForwarded) reject(inFlight, new Rejection('invalid_json'))
    else settle([inFlight], 'ignored')
  }

  /** The location of some tenants was decided: routes their waiting events. */
  routePending(): void {
    const events = this.#pending
    this.#pending = []
    for (const event of events) this.#routeOrRetry(event, {})
  }

  forEachInFlight(visit: InFlightVisitor): void {
    for (const { account } of this.#pending) visit(account, 1)
    for (const { account } of this.#retrying) visit(account, 1)
  }

  /** The definition of an ordinary event, whose fields the scanner holds until the next event; undefined when the message has to be parsed. */
  #scan(delivery: Delivery): EventDefinition | undefined {
    const { clock, report } = this.#options
    try {
      const definition = findEventDefinition(delivery.subject)
      return definition && this.#scanner.scan(delivery.data, definition, clock.now()) ? definition : undefined
    } catch (error) {
      report('ingestion', error, { part: 'scanner', sequence: delivery.sequence })
      return undefined
    }
  }

  /** After an unexpected error the event is tried again a few times, and other events continue. `scanner` is given while it holds the event. */
  #routeOrRetry(event: DecodedEvent, context: SourceContext, scanner?: EventScanner): void {
    const { clock, report, reject } = this.#options
    try {
      this.#route(event, context, scanner)
    } catch (error) {
      report('ingestion', error, { part: 'router', sequence: event.delivery.place.sequence })
      if (!recordFailure(event)) return reject(event, new Rejection('processing_failed'))
      this.#retrying.add(event)
      clock.after(backoffMs(event.failures), () => {
        this.#retrying.delete(event)
        this.#routeOrRetry(event, context)
      })
    }
  }

  #route(event: DecodedEvent, context: SourceContext, scanner: EventScanner | undefined): void {
    const { deferredTenant, isForwarded = false } = context
    const { quotas, cluster, supervisor, forwarder } = this.#options
    if (deferredTenant !== undefined) {
      quotas.spend(deferredTenant)
      return supervisor.post(event, scanner)
    }
    const location = isForwarded ? 'local' : (cluster?.assignment.locationOf(event.account.tenantId) ?? 'local')
    if (location === 'local') this.#admit(event, scanner)
    else if (location === 'remote') forwarder.send(event, 'forwarded')
    else this.#pending.push(event)
  }

  #admit(event: DecodedEvent, scanner: EventScanner | undefined): void {
    const { quotas, deferredSink, supervisor, forwarder } = this.#options
    const { tenantId } = event.account
    if (!quotas.admits(tenantId)) {
      if (deferredSink.fits(event.delivery)) return forwarder.send(event, 'deferred')
      // It can never be deferred, and holding it back would stop every tenant: it passes at the expense of the tenant's deferred events.
      quotas.spend(tenantId)
    }
    supervisor.post(event, scanner)
  }
}
