const IANA_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/

/** A period with one offset from UTC. */
export interface OffsetSegment {
  /** First instant, in epoch milliseconds; `-Infinity` when the zone's offset did not change before. */
  readonly from: number
  /** First instant after it; `Infinity` when the zone's offset does not change again. */
  readonly to: number
  /** Local wall time minus UTC, in milliseconds. */
  readonly offsetMs: number
}

/** A local calendar date; `month` counts from 1; days and months may overflow, as in `Date.UTC`. */
export interface LocalDate {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** Calendar arithmetic of one time zone, on `Temporal`. Instants are epoch milliseconds. */
export class TimeZone {
  readonly name: string
  /** The segment found last: the instants of a series usually lie in one. */
  #lastSegment: OffsetSegment | undefined

  /** Throws a RangeError when the runtime has no zone of that name. */
  constructor(name: string) {
    this.name = name
    this.#zonedDateTime(0)
  }

  /** The segments that touch `[from, to]`, in order. The first and the last one are not cut to the range. */
  segments(from: number, to: number): OffsetSegment[] {
    const segments = [this.#segmentAt(from)]
    for (let last = segments[0]!; last.to <= to; segments.push(last)) last = this.#segmentAt(last.to)
    return segments
  }

  offsetAt(instant: number): number {
    return this.#segmentAt(instant).offsetMs
  }

  /** The local wall time as if it were UTC: read its fields with the `getUTC…` methods. */
  wallTime(instant: number): Date {
    return new Date(instant + this.offsetAt(instant))
  }

  localDate(instant: number): LocalDate {
    const wallTime = this.wallTime(instant)
    return { year: wallTime.getUTCFullYear(), month: wallTime.getUTCMonth() + 1, day: wallTime.getUTCDate() }
  }

  /** The first instant of a local day: midnight, or the first instant after the gap when the clocks skip midnight. */
  startOfDay({ year, month, day }: LocalDate): number {
    return plainDateTime(Date.UTC(year, month - 1, day))
      .toPlainDate()
      .toZonedDateTime(this.name).epochMilliseconds
  }

  /**
   * The instant at which local clocks show `wallTime` (a wall time as if it were UTC): the first one when they show it twice. A time that the clocks skip is moved
   * forward by the length of the gap: 02:30 becomes 03:30 (`disambiguation: 'compatible'` of Temporal).
   */
  toInstant(wallTime: number): number {
    return plainDateTime(wallTime).toZonedDateTime(this.name).epochMilliseconds
  }

  #zonedDateTime(instant: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(this.name)
  }

  #segmentAt(instant: number): OffsetSegment {
    const last = this.#lastSegment
    if (last && instant >= last.from && instant < last.to) return last
    const zoned = this.#zonedDateTime(instant)
    const next = zoned.getTimeZoneTransition('next')
    // "previous" excludes a transition at the instant itself.
    const previous = zoned.add({ milliseconds: 1 }).getTimeZoneTransition('previous')
    return (this.#lastSegment = {
      from: previous?.epochMilliseconds ?? -Infinity,
      to: next?.epochMilliseconds ?? Infinity,
      offsetMs: zoned.offsetNanoseconds / 1_000_000,
    })
  }
}

function plainDateTime(wallTime: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(wallTime).toZonedDateTimeISO('UTC').toPlainDateTime()
}

const zones = new Map<string, TimeZone>()
/** More names than IANA has, spellings included: the bound on the memory that clients' zone names can take. */
const MAX_ZONES = 2_000

/** The zone of an IANA name, or undefined when there is none of that name. Fixed offsets such as `+05:30` are no names. */
export function findTimeZone(name: string): TimeZone | undefined {
  const known = zones.get(name)
  if (known) return known
  if (name.length > 64 || !IANA_NAME.test(name)) return undefined
  try {
    const zone = new TimeZone(name)
    if (zones.size < MAX_ZONES) zones.set(name, zone)
    return zone
  } catch {
    return undefined
  }
}
