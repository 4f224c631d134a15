/** What a delivery of a report is, and how it is identified. */
import { digestOf } from '../../base/bytes/opaque-text.ts'
import type { Delivery, DeliveryKey } from '../../delivery/delivery.ts'
import type { Schedule } from '../schedule/schedule.ts'

/** The kind of these deliveries in the log. */
export const REPORT_DELIVERIES = 'report'

export interface ReportTarget {
  /** The planned instant, epoch milliseconds. */
  readonly scheduledFor: number
  readonly recipient: string
  /** Identifies the report and the recipients of the schedule: another audience is another streak of failures. */
  readonly audience: string
}

/** Enough digits for every date, so that ids sort by time. */
const TIME_DIGITS = 9

export async function deliveryKeyOf(
  { tenantId, id }: { readonly tenantId: string; readonly id: string },
  { scheduledFor, recipient }: Pick<ReportTarget, 'scheduledFor' | 'recipient'>,
): Promise<DeliveryKey> {
  return { tenantId, sourceId: id, id: `${runIdOf(scheduledFor)}-${await digestOf(recipient.toLowerCase())}` }
}

/** The part of a delivery's id that all deliveries of one instant share. */
export function runIdOf(scheduledFor: number): string {
  return scheduledFor.toString(36).padStart(TIME_DIGITS, '0')
}

export function audienceOf({ reportId, recipients }: Pick<Schedule, 'reportId' | 'recipients'>): Promise<string> {
  return digestOf([reportId, recipients.map((recipient) => recipient.toLowerCase()).toSorted()])
}

/** The `Message-ID` of a delivery, without brackets: the same for all attempts, and another one when a delivery that was sent is sent again. */
export async function messageIdOf(
  key: DeliveryKey,
  { sendings }: Pick<Delivery<unknown>, 'sendings'>,
  domain: string,
): Promise<string> {
  return `${await digestOf([key.tenantId, key.sourceId, key.id, sendings])}@${domain}`
}
