const DAY_MS = 86_400_000
const IANA_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/

/** A stretch of time with one offset from UTC. */
export interface OffsetSegment {
  /** First instant (epoch milliseconds). */
  readonly from: number
  /** First instant behind it. */
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

/** A time zone's arithmetic, from the runtime's own IANA data. Instants are epoch milliseconds. */
export class TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #years = new Map<number, readonly OffsetSegment[]>()
  /** The one that was needed last: series are asked for in order. */
  #lastSegment: OffsetSegment | undefined

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** The segments that touch `[from, to]`, in order; the first and last are not cut to it. */
  segments(from: number, to: number): OffsetSegment[] {
    const merged: OffsetSegment[] = []
    for (let year = new Date(from).getUTCFullYear(); year <= new Date(to).getUTCFullYear(); year++)
      for (const segment of this.#segmentsOfYear(year)) {
        if (segment.to <= from || segment.from > to) continue
        const last = merged.at(-1)
        if (last?.offsetMs === segment.offsetMs) merged[merged.length - 1] = { ...last, to: segment.to }
        else merged.push(segment)
      }
    return merged
  }

  offsetAt(instant: number): number {
    const last = this.#lastSegment
    if (last && instant >= last.from && instant < last.to) return last.offsetMs
    const [segment] = this.segments(instant, instant)
    this.#lastSegment = segment
    return segment!.offsetMs
  }

  /** The local wall time as if it were UTC: read its fields with the `getUTC…` methods. */
  wallTime(instant: number): Date {
    return new Date(instant + this.offsetAt(instant))
  }

  localDate(instant: number): LocalDate {
    const local = this.wallTime(instant)
    return { year: local.getUTCFullYear(), month: local.getUTCMonth() + 1, day: local.getUTCDate() }
  }

  /** The first instant of a local day: midnight, or the end of the gap when the clocks are put forward over it. */
  startOfDay({ year, month, day }: LocalDate): number {
    const wallTimeMs = Date.UTC(year, month - 1, day)
    for (const { from, to, offsetMs } of this.#segmentsAround(wallTimeMs)) {
      const instant = Math.max(from, wallTimeMs - offsetMs)
      if (instant < to) return instant
    }
    return wallTimeMs
  }

  /**
   * The instant at which local clocks show `wall` (a wall time as if it were UTC); the first one if they show it twice. A time that they skip is moved forward by the length
   * of the gap: 02:30 becomes 03:30. This is what `Temporal` calls "compatible"; `Temporal` itself is missing in the edge runtime, which this file has to run in.
   */
  toInstant(wallTimeMs: number): number {
    let unchanged = wallTimeMs
    for (const { from, to, offsetMs } of this.#segmentsAround(wallTimeMs)) {
      const instant = wallTimeMs - offsetMs
      if (instant < to) return instant >= from ? instant : unchanged
      unchanged = instant
    }
    return unchanged
  }

  #segmentsAround(wallTimeMs: number): OffsetSegment[] {
    // Offsets are shorter than a day, but a day may be skipped.
    return this.segments(wallTimeMs - 2 * DAY_MS, wallTimeMs + 2 * DAY_MS)
  }

  #segmentsOfYear(year: number): readonly OffsetSegment[] {
    let segments = this.#years.get(year)
    if (!segments)
      this.#years.set(year, (segments = this.#findSegments(Date.UTC(year, 0, 1), Date.UTC(year + 1, 0, 1))))
    return segments
  }

  /** Looks at every day and halves the days on which the offset changes; offsets do not change twice within a day. */
  #findSegments(start: number, end: number): OffsetSegment[] {
    const segments: OffsetSegment[] = []
    let from = start
    let offsetMs = this.#computeOffset(start)
    for (let day = start; day < end; day += DAY_MS) {
      const next = this.#computeOffset(day + DAY_MS)
      if (next === offsetMs) continue
      let before = day
      let after = day + DAY_MS
      while (after - before > 1000) {
        const middle = before + Math.floor((after - before) / 2000) * 1000
        if (this.#computeOffset(middle) === offsetMs) before = middle
        else after = middle
      }
      if (after < end) {
        segments.push({ from, to: after, offsetMs })
        from = after
        offsetMs = next
      }
    }
    segments.push({ from, to: end, offsetMs })
    return segments
  }

  #computeOffset(instant: number): number {
    const field: Record<string, number> = {}
    for (const { type, value } of this.#format.formatToParts(instant)) field[type] = Number(value)
    const wallTimeMs = Date.UTC(
      field['year']!,
      field['month']! - 1,
      field['day'],
      field['hour'],
      field['minute'],
      field['second'],
    )
    return wallTimeMs - Math.floor(instant / 1000) * 1000
  }
}

const cachedTimeZones = new Map<string, TimeZone>()
/** More names than IANA has, spellings included: a bound on what strangers can make us keep. */
const MAX_CACHED_TIME_ZONES = 2_000

/** The zone of an IANA name, or undefined when there is none of that name. Fixed offsets such as `+05:30` are no names. */
export function findTimeZone(name: string): TimeZone | undefined {
  const cached = cachedTimeZones.get(name)
  if (cached) return cached
  if (name.length > 64 || !IANA_NAME.test(name)) return undefined
  try {
    const zone = new TimeZone(name)
    if (cachedTimeZones.size < MAX_CACHED_TIME_ZONES) cachedTimeZones.set(name, zone)
    return zone
  } catch {
    return undefined
  }
}
