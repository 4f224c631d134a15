/** How much the streams that the service makes may hold. The broker refuses to promise more than it has room for, so these have to fit into its file store together. */
export interface StreamLimits {
  /** An event leaves the event stream at this age, stored or not: how far back a replay reaches, and how long the store may be away. */
  readonly eventsMaxAgeMs: number
  readonly eventsMaxBytes: number
  readonly deadLettersMaxBytes: number
  readonly delayedMaxBytes: number
}

const BYTES_PER_MB = 1_048_576
const MS_PER_DAY = 86_400_000

export const DEFAULT_EVENTS_MAX_AGE_DAYS = 30
export const DEFAULT_EVENTS_MAX_MB = 8_192
export const DEFAULT_DEAD_LETTERS_MAX_MB = 1_024
export const DEFAULT_DELAYED_MAX_MB = 1_024

/** The limits as they are configured, in days and in units of 1,048,576 bytes. */
export function streamLimits({
  eventsMaxAgeDays = DEFAULT_EVENTS_MAX_AGE_DAYS,
  eventsMaxMb = DEFAULT_EVENTS_MAX_MB,
  deadLettersMaxMb = DEFAULT_DEAD_LETTERS_MAX_MB,
  delayedMaxMb = DEFAULT_DELAYED_MAX_MB,
} = {}): StreamLimits {
  return {
    eventsMaxAgeMs: eventsMaxAgeDays * MS_PER_DAY,
    eventsMaxBytes: eventsMaxMb * BYTES_PER_MB,
    deadLettersMaxBytes: deadLettersMaxMb * BYTES_PER_MB,
    delayedMaxBytes: delayedMaxMb * BYTES_PER_MB,
  }
}
