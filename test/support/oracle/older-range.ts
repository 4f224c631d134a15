/** The older range of a comparison, calculated slowly: weeks are found by counting, and instants of local times are found by trying every offset. */
import { DAY_MS, dateOf, dayOf, firstInstantOf, HOUR_MS, localDay, offsetMs, type Range } from './zone.ts'

export interface OlderQuery {
  readonly range: Range
  /** Whether the edges are those of whole local dates. */
  readonly isOfDates: boolean
  readonly zone: string
  readonly compare: 'previous' | 'year' | 'custom'
  readonly align: 'weekday' | 'date'
  /** The older range of `custom`. */
  readonly custom?: Range
}

export interface Older {
  readonly range: Range
  readonly shift: (instantMs: number) => number
}

export function olderRangeOf({ range, isOfDates, zone, compare, align, custom }: OlderQuery): Older {
  const [first, last] = [localDay(range.startMs, zone), localDay(range.endMs, zone)]
  const earlier = (day: number): number => {
    if (compare === 'custom') return day - (first - localDay(custom!.startMs, zone))
    if (compare === 'year') return align === 'weekday' ? day - 364 : sameDateOfTheYearBefore(day)
    let distance = last - first + 1
    if (align === 'date') return day - distance
    while (distance % 7 !== 0) distance++
    return day - distance
  }
  const shift = (instantMs: number) => {
    const day = localDay(instantMs, zone)
    const timeOfDayMs = instantMs + offsetMs(instantMs, zone) - day * DAY_MS
    return instantOf(earlier(day) * DAY_MS + timeOfDayMs, zone)
  }
  if (custom) return { range: custom, shift }
  if (!isOfDates) return { range: { startMs: shift(range.startMs), endMs: shift(range.endMs) }, shift }
  return {
    range: {
      startMs: firstInstantOf(earlier(first), zone),
      endMs: firstInstantOf(earlier(last) + 1, zone) - 1,
    },
    shift,
  }
}

function sameDateOfTheYearBefore(day: number): number {
  const [year = '', ...monthAndDay] = dateOf(day).split('-')
  const wanted = [String(Number(year) - 1), ...monthAndDay].join('-')
  return dayOf(wanted.endsWith('-02-29') ? wanted.replace(/29$/, '28') : wanted)
}

/** The first instant at which clocks show the local time; where they skip it, as much later as they skip. */
export function instantOf(wallMs: number, zone: string): number {
  for (let offset = 15 * HOUR_MS; offset >= -15 * HOUR_MS; offset -= HOUR_MS / 4)
    if (offsetMs(wallMs - offset, zone) === offset) return wallMs - offset
  // The clocks show earlier times until they skip this one: the offset of the last of them is the one before the gap.
  let before = wallMs - 40 * HOUR_MS
  while (before + HOUR_MS / 4 + offsetMs(before + HOUR_MS / 4, zone) <= wallMs) before += HOUR_MS / 4
  return wallMs - offsetMs(before, zone)
}
