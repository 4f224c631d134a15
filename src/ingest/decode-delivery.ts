import { type EventDefinition, hasInvalidLastToken, findEventDefinition } from '../events/catalogue.ts'
import { type EventEnvelope, parseEventEnvelope } from '../events/event-envelope.ts'
import { Rejection } from '../events/rejection.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { Delivery } from './ports.ts'

/** A delivery, opened just far enough to know what becomes of it. With neither an envelope nor a rejection it is of a subject that nobody listens to. */
interface DecodedDelivery {
  readonly kind?: EventDefinition
  /** There as soon as the tenant is known, also of an event that is refused. */
  readonly envelope?: EventEnvelope
  readonly rejection?: Rejection
}

/** Never throws. */
export function decodeDelivery(delivery: Delivery, report: ReportUnexpectedError): DecodedDelivery {
  try {
    return decode(delivery)
  } catch (error) {
    report('ingestion', error, { part: 'intake', sequence: delivery.sequence })
    return { rejection: new Rejection('processing_failed') }
  }
}

function decode({ subject, data }: Delivery): DecodedDelivery {
  const kind = findEventDefinition(subject)
  if (!kind && !hasInvalidLastToken(subject)) return {}
  const envelope = parseEventEnvelope(data)
  if (envelope instanceof Rejection) return { rejection: envelope }
  return kind ? { kind, envelope } : { envelope, rejection: new Rejection('invalid_subject') }
}
