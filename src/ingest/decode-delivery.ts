import { type EventDefinition, hasInvalidLastToken, findEventDefinition } from '../events/catalogue.ts'
import { type EventEnvelope, parseEventEnvelope } from '../events/event-envelope.ts'
import { Rejection } from '../events/rejection.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { Delivery } from './ports.ts'

/** A delivery, decoded as far as its route needs it. Without an envelope and without a rejection, its subject is not in the catalogue of events. */
interface DecodedDelivery {
  readonly definition?: EventDefinition
  /** Present as soon as the tenant is known, for a rejected event too. */
  readonly envelope?: EventEnvelope
  readonly rejection?: Rejection
}

/** Never throws: an unexpected error is reported and becomes the rejection `processing_failed`. */
export function decodeDelivery(delivery: Delivery, report: ReportUnexpectedError): DecodedDelivery {
  try {
    return decode(delivery)
  } catch (error) {
    report('ingestion', error, { part: 'intake', sequence: delivery.sequence })
    return { rejection: new Rejection('processing_failed') }
  }
}

function decode({ subject, data }: Delivery): DecodedDelivery {
  const definition = findEventDefinition(subject)
  if (!definition && !hasInvalidLastToken(subject)) return {}
  const envelope = parseEventEnvelope(data)
  if (envelope instanceof Rejection) return { rejection: envelope }
  return definition ? { definition, envelope } : { envelope, rejection: new Rejection('invalid_subject') }
}
