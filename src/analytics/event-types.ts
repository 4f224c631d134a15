/** The event types that requests may name: those that the registry counts. Enrollments have events with any last part. */
import { COUNTS } from './metrics.ts'

const ENROLLMENT_TYPE = /^sequence_enrollment_[a-z0-9_]{1,64}$/

export const EVENT_TYPE_NAMES: readonly string[] = [
  ...new Set(
    Object.values(COUNTS).flatMap(({ eventTypes }) =>
      eventTypes === undefined || 'prefix' in eventTypes ? [] : [...eventTypes],
    ),
  ),
]

export function isEventType(eventType: string): boolean {
  return EVENT_TYPE_NAMES.includes(eventType) || ENROLLMENT_TYPE.test(eventType)
}

/** For messages of failures. */
export const EVENT_TYPES_TEXT = `${EVENT_TYPE_NAMES.join(', ')}, and sequence_enrollment_ with a word`
