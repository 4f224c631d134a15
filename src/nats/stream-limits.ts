/** Size and age limits of the streams that the service creates. A stream reserves its size, so together they have to fit into the broker's file storage. */
export interface StreamLimits {
  /** Age at which an event is removed from the event stream, stored or not. It bounds how far back a replay reaches and how long the store may be down. */
  readonly eventsMaxAgeMs: number
  readonly eventsMaxBytes: number
  readonly deadLettersMaxBytes: number
  readonly deferredMaxBytes: number
}

const BYTES_PER_MB = 1_048_576
const MS_PER_DAY = 86_400_000

export const DEFAULT_EVENTS_MAX_AGE_DAYS = 30
export const DEFAULT_EVENTS_MAX_MB = 8_192
export const DEFAULT_DEAD_LETTERS_MAX_MB = 1_024
export const DEFAULT_DEFERRED_MAX_MB = 1_024

/** Converts the configured limits: days to milliseconds, and MiB (1,048,576 bytes) to bytes. */
export function streamLimits({
  eventsMaxAgeDays = DEFAULT_EVENTS_MAX_AGE_DAYS,
  eventsMaxMb = DEFAULT_EVENTS_MAX_MB,
  deadLettersMaxMb = DEFAULT_DEAD_LETTERS_MAX_MB,
  deferredMaxMb = DEFAULT_DEFERRED_MAX_MB,
} = {}): StreamLimits {
  return {
    eventsMaxAgeMs: eventsMaxAgeDays * MS_PER_DAY,
    eventsMaxBytes: eventsMaxMb * BYTES_PER_MB,
    deadLettersMaxBytes: deadLettersMaxMb * BYTES_PER_MB,
    deferredMaxBytes: deferredMaxMb * BYTES_PER_MB,
  }
}
