/** The event types that requests may name: those that the registry counts. Enrollments have events with any last part. */
import { COUNTS } from './metrics.ts'

const KNOWN_TYPES: readonly string[] = [
  ...new Set(
    Object.values(COUNTS).flatMap(({ eventTypes }) =>
      eventTypes === undefined || 'prefix' in eventTypes ? [] : [...eventTypes],
    ),
  ),
]
const ENROLLMENT_TYPE = /^sequence_enrollment_[a-z0-9_]{1,64}$/

export function isEventType(text: string): boolean {
  return KNOWN_TYPES.includes(text) || ENROLLMENT_TYPE.test(text)
}

/** For messages of failures. */
export const EVENT_TYPES_TEXT = `${KNOWN_TYPES.join(', ')}, or sequence_enrollment_ with a word`
