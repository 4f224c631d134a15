/** The time zones to choose from, and the search in them. */
import { currentZoneName, FORMER_ZONE_NAMES, formatZoneName, resolveZoneName } from './zone-names.ts'

export interface ZoneMatch {
  readonly name: string
  /** The former name that the text was found in, if it was not found in the current one. */
  readonly formerName?: string
}

const MINUTE_NS = 60_000_000_000
const WORD_BORDERS = [' ', '/', '-']
const FORMER_NAMES = Object.groupBy(FORMER_ZONE_NAMES, currentZoneName)

/** The current names of all zones that the browser supports: first the preferred ones, then the others in the order of the alphabet. Fixed offsets are left out: they belong to no place. */
export function listZones(supported: readonly string[], preferred: readonly string[]): string[] {
  const others = supported.filter((name) => !name.startsWith('Etc/')).map(currentZoneName)
  return [...new Set([...preferred.map(currentZoneName), ...others.toSorted()])]
}

/** The offset of a zone from UTC at an instant (epoch milliseconds), in minutes. */
export function offsetMinutesOf(name: string, instant: number): number {
  return zonedDateTime(name, instant).offsetNanoseconds / MINUTE_NS
}

function zonedDateTime(zone: string, instant: number): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(zone)
}

/** Formats 330 minutes as UTC+05:30. */
export function formatOffset(minutes: number): string {
  return `UTC${minutes < 0 ? '−' : '+'}${clockOf(minutes)}`
}

/**
 * Finds zones by a part of their current or former name, in any case and without accents, best matches first; or by their offset, such as "UTC+05:30", "+5:30" or
 * "+5", which stands for all offsets of that hour. `names` are the zones to choose from in their order; any other zone matches by its full name only.
 */
export function searchZones(typed: string, names: readonly string[], offsetOf: (name: string) => number): ZoneMatch[] {
  const offset = parseOffset(typed)
  if (offset) return withOffset(offset, names, offsetOf)
  const wanted = normalise(typed)
  const matches = names.flatMap((name) => {
    const match = matchOf(name, wanted)
    return match ? [match] : []
  })
  if (matches.length > 0) return matches.toSorted((a, b) => a.rank - b.rank).map(({ match }) => match)
  const other = resolveZoneName(typed, names)
  return other === undefined ? [] : [{ name: zonedDateTime(other, 0).timeZoneId }]
}

interface RankedMatch {
  readonly match: ZoneMatch
  readonly rank: number
}

function matchOf(name: string, wanted: string): RankedMatch | undefined {
  const rank = rankOf(name, wanted)
  for (const formerName of FORMER_NAMES[name] ?? []) {
    const formerRank = rankOf(formerName, wanted)
    if (formerRank !== undefined && formerRank < (rank ?? Infinity))
      return { match: { name, formerName }, rank: formerRank }
  }
  return rank === undefined ? undefined : { match: { name }, rank }
}

/** 0 for a whole name or city, 1 for the start of a name or city, 2 for the start of a word, 3 for any other part. */
function rankOf(zone: string, wanted: string): number | undefined {
  const name = normalise(zone)
  const city = name.slice(name.lastIndexOf('/') + 1)
  if (name === wanted || city === wanted) return 0
  if (name.startsWith(wanted) || city.startsWith(wanted)) return 1
  if (WORD_BORDERS.some((border) => name.includes(border + wanted))) return 2
  return name.includes(wanted) ? 3 : undefined
}

function normalise(text: string): string {
  return formatZoneName(text).normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/\s+/g, ' ').trim().toLowerCase()
}

/** A typed offset; `minutes` holds the digits that were typed of them. */
interface TypedOffset {
  readonly isNegative: boolean
  readonly hours: number
  readonly minutes: string
}

const OFFSET = /^(?:utc|gmt)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{0,2}))?$/i

function parseOffset(typed: string): TypedOffset | undefined {
  const [, sign, hours, minutes = ''] = OFFSET.exec(typed.trim()) ?? []
  return sign === undefined ? undefined : { isNegative: sign !== '+', hours: Number(hours), minutes }
}

function withOffset(
  { isNegative, hours, minutes }: TypedOffset,
  names: readonly string[],
  offsetOf: (name: string) => number,
): ZoneMatch[] {
  const prefix = `${String(hours).padStart(2, '0')}:${minutes}`
  return names
    .map((name) => ({ name, offset: offsetOf(name) }))
    .filter(({ offset }) => (offset === 0 || offset < 0 === isNegative) && clockOf(offset).startsWith(prefix))
    .toSorted((a, b) => Math.abs(a.offset) - Math.abs(b.offset))
    .map(({ name }) => ({ name }))
}

/** Formats the amount of an offset as 05:30. */
function clockOf(minutes: number): string {
  const parts = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
