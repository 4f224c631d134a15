import { CHANNELS } from '../base/channels.ts'
import { DATE_TIME_FORMATS } from '../base/date-time.ts'

/**
 * The reasons for rejecting an event: a closed set. A reason is the last token of the dead letter's subject, and a metric label.
 */
export const REJECTION_REASONS = {
  too_large: 'The message is larger than 1 MiB.',
  too_many_values: 'The message holds more than 10,000 JSON values.',
  invalid_json: 'The message is not JSON in UTF-8.',
  not_an_object: 'The message is JSON, but not an object.',
  invalid_tenant: 'tenantId is missing or is not 1 to 128 characters of A-Z a-z 0-9 . _ : -',
  invalid_subject: 'The last token of the subject is not 1 to 64 characters of a-z 0-9 _',
  invalid_timestamp: `timestamp is neither a number of epoch milliseconds nor a date-time with its offset: ${DATE_TIME_FORMATS}.`,
  future_timestamp: 'timestamp is more than 24 hours in the future.',
  expired_timestamp: 'timestamp is older than the retention of 2 years.',
  missing_entity_id: 'The id of the entity is missing from data.',
  unknown_channel: `channel is not one of ${CHANNELS.join(', ')}.`,
  invalid_text: 'An id contains an unpaired surrogate and cannot be encoded as UTF-8.',
  nested_too_deeply: 'data is nested too deeply to be serialised.',
  processing_failed: 'Processing the event failed repeatedly.',
  store_rejected: 'The database rejects this row.',
} as const

export type RejectionReason = keyof typeof REJECTION_REASONS

export const REJECTION_REASON_NAMES = Object.keys(REJECTION_REASONS) as readonly RejectionReason[]

export class Rejection {
  readonly reason: RejectionReason
  readonly message: string

  /** `detail` is appended to the sentence of the reason; it names fields, never their values. */
  constructor(reason: RejectionReason, detail?: string) {
    this.reason = reason
    this.message = detail ? `${REJECTION_REASONS[reason]} ${detail}` : REJECTION_REASONS[reason]
  }
}
