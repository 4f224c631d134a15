/**
 * The values that pass between the stages of ingestion. `pipeline.ts` lists the stages in their order.
 */
import type { EventBlock } from '../events/block/event-block.ts'
import type { EventDefinition } from '../events/catalogue.ts'
import type { EventEnvelope } from '../events/event-envelope.ts'
import type { Rejection } from '../events/rejection.ts'
import type { InFlightDelivery, Outcome, SettledDelivery } from './accounting/ledger.ts'
import type { BlockDeliveries } from './writer/block-deliveries.ts'

/** An event whose type and tenant are known: from the router to the actor of its tenant. */
export interface DecodedEvent extends InFlightDelivery {
  readonly definition: EventDefinition
  /** Undefined when the event was scanned (`EventScanner`): the actor parses the message when it cannot append the scanned event at once. */
  readonly envelope: EventEnvelope | undefined
  /** How many unexpected errors this event has caused, in the router and in its actor. */
  failures: number
}

/** Events of one partition of the store that wait to be stored: from the actors to the writer. */
export interface BufferedBlock {
  readonly events: EventBlock
  readonly deliveries: BlockDeliveries
}

/** Ends the flow of deliveries. Deliveries that are settled already are skipped, so that a stage may repeat the call after an error. */
export type Settle = (deliveries: Iterable<SettledDelivery>, outcome: Outcome) => void

/** Hands a delivery to the dead letters, which settle it when it is stored there. Never throws. */
export type Reject = (inFlight: InFlightDelivery, rejection: Rejection) => void

/** The context of a source, which holds for all of its deliveries. */
export interface SourceContext {
  /** The source delivers the deferred events of this tenant: they count against its quota and are not deferred again. */
  readonly deferredTenant?: string
  /** Another process has forwarded the events: this process stores them. */
  readonly isForwarded?: boolean
}

/** An event that fails this often becomes a dead letter. */
const MAX_FAILURES_PER_EVENT = 3

/** Counts an unexpected error of the event. Returns whether it is tried again; otherwise it has to be rejected. */
export function recordFailure(event: DecodedEvent): boolean {
  return ++event.failures < MAX_FAILURES_PER_EVENT
}
