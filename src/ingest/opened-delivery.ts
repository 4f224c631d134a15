import { type EventKind, hasInvalidToken, kindOfSubject } from '../events/catalogue.ts'
import { type Envelope, openEnvelope } from '../events/envelope.ts'
import { Rejection } from '../events/rejection.ts'
import type { ReportUnexpectedError } from '../unexpected-errors.ts'
import type { Delivery } from './ports.ts'

/** A delivery, opened just far enough to know what becomes of it. With neither an envelope nor a rejection it is of a subject that nobody listens to. */
interface OpenedDelivery {
  readonly kind?: EventKind
  /** There as soon as the tenant is known, also of an event that is refused. */
  readonly envelope?: Envelope
  readonly rejection?: Rejection
}

/** Never throws. */
export function openDelivery(delivery: Delivery, report: ReportUnexpectedError): OpenedDelivery {
  try {
    return open(delivery)
  } catch (error) {
    report('ingestion', error, { part: 'intake', sequence: delivery.sequence })
    return { rejection: new Rejection('processing_failed') }
  }
}

function open({ subject, data }: Delivery): OpenedDelivery {
  const kind = kindOfSubject(subject)
  if (!kind && !hasInvalidToken(subject)) return {}
  const envelope = openEnvelope(data)
  if (envelope instanceof Rejection) return { rejection: envelope }
  return kind ? { kind, envelope } : { envelope, rejection: new Rejection('invalid_subject') }
}
