import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { findTimeZone, type TimeZone } from '../../../src/base/time-zone.ts'
import { dayOf, firstInstantOf, HOUR_MS, offsetMs } from '../../support/oracle/zone.ts'

const zoneOf = (name: string): TimeZone => findTimeZone(name)!
const iso = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z')
const dayStart = (name: string, date: string) => {
  const [year, month, day] = date.split('-').map(Number)
  return iso(zoneOf(name).startOfDay({ year: year!, month: month!, day: day! }))
}

/** All kinds of clock changes between 2024 and 2027. */
const NOTABLE = [
  ...[
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Asia/Kathmandu',
    'America/St_Johns',
    'Pacific/Chatham',
  ],
  ...['Australia/Lord_Howe', 'Africa/Cairo', 'America/Santiago', 'America/Havana', 'Asia/Beirut', 'America/Asuncion'],
  ...[
    'Pacific/Kiritimati',
    'Pacific/Pago_Pago',
    'Africa/Casablanca',
    'America/Nuuk',
    'Asia/Almaty',
    'Atlantic/Azores',
    'Pacific/Apia',
  ],
]
const anyZone = fc.oneof(fc.constantFrom(...NOTABLE), fc.constantFrom(...Intl.supportedValuesOf('timeZone')))
const anyInstant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) - 1 })

describe('a zone', () => {
  test('is ahead of UTC by what the clock on the wall shows, at any instant', () => {
    fc.assert(
      fc.property(anyZone, fc.array(anyInstant, { minLength: 8, maxLength: 8 }), (name, instants) => {
        for (const instant of instants) expect(zoneOf(name).offsetAt(instant)).toBe(offsetMs(instant, name))
      }),
      { numRuns: 60 },
    )
  })

  test('keeps its offset to the last millisecond before its clocks change', () => {
    const zone = zoneOf('Europe/Berlin')
    const change = Date.parse('2026-03-29T01:00:00Z')
    expect([zone.offsetAt(change - 1), zone.offsetAt(change)]).toEqual([HOUR_MS, 2 * HOUR_MS])
    const turnOfYear = Date.UTC(2026, 0, 1)
    expect([zone.offsetAt(turnOfYear - 1), zone.offsetAt(turnOfYear)]).toEqual([HOUR_MS, HOUR_MS])
  })

  test('finds the first instant of a wall time, and moves one that the clocks skip forward by the gap', () => {
    fc.assert(
      fc.property(anyZone, fc.nat(), fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }), (name, pick, besideMs) => {
        const zone = zoneOf(name)
        const segments = zone.segments(Date.UTC(2010, 0, 1), Date.UTC(2028, 0, 1))
        const segment = segments[pick % segments.length]!
        const wallTime = Math.max(Date.UTC(2010, 0, 1), segment.from) + segment.offsetMs + besideMs
        const offsets = [-24 * HOUR_MS, 24 * HOUR_MS].map((away) => offsetMs(wallTime - segment.offsetMs + away, name))
        const instants = offsets.map((offset) => wallTime - offset).toSorted((a, b) => a - b)
        const first = instants.find((instant) => instant + offsetMs(instant, name) === wallTime)
        expect([name, wallTime, zone.toInstant(wallTime)]).toEqual([name, wallTime, first ?? wallTime - offsets[0]!])
      }),
      { numRuns: 400, seed: 3 },
    )
  })

  test.each([
    ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:30:00Z'],
    ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00Z'],
    ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:45:00Z'],
    ['Antarctica/Troll', '2026-03-29T01:30', '2026-03-29T01:30:00Z'],
    ['Pacific/Apia', '2011-12-30T10:00', '2011-12-30T20:00:00Z'],
    ['America/Havana', '2026-03-08T00:30', '2026-03-08T05:30:00Z'],
  ])('%s shows %s at %s', (name, wall, instant) => {
    expect(iso(zoneOf(name).toInstant(Date.parse(`${wall}Z`)))).toBe(instant)
  })

  test('begins a day at midnight, or where the clocks are put to when they jump over it', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, (name, instant) => {
        const date = new Date(instant).toISOString().slice(0, 10)
        expect(Date.parse(dayStart(name, date))).toBe(firstInstantOf(dayOf(date), name))
      }),
      { numRuns: 80 },
    )
  })

  test.each([
    // From 00:00 to 01:00: the day begins at 01:00.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00Z'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z'],
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00Z'],
    // From 24:00 back to 23:00: the previous day has 25 hours, and this day begins at the second midnight.
    ['Africa/Cairo', '2026-10-30', '2026-10-29T22:00:00Z'],
    ['America/Santiago', '2026-04-05', '2026-04-05T04:00:00Z'],
    // Offsets with half an hour and a quarter of an hour.
    ['Australia/Lord_Howe', '2026-10-05', '2026-10-04T13:00:00Z'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00Z'],
    ['Pacific/Chatham', '2026-01-01', '2025-12-31T10:15:00Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00Z'],
  ])('%s begins %s at %s', (name, date, expected) => {
    expect(dayStart(name, date)).toBe(expected)
  })

  test.each([
    ['Europe/Berlin', '2026-03-29', 23],
    ['Europe/Berlin', '2026-10-25', 25],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Africa/Cairo', '2026-04-24', 23],
    ['Africa/Cairo', '2026-10-29', 25],
    ['America/Santiago', '2026-09-06', 23],
    ['America/Santiago', '2026-04-04', 25],
  ])('%s has on %s %d hours', (name, date, hours) => {
    const [year, month, day] = date.split('-').map(Number) as [number, number, number]
    const zone = zoneOf(name)
    const lengthMs = zone.startOfDay({ year, month, day: day + 1 }) - zone.startOfDay({ year, month, day })
    expect(lengthMs / HOUR_MS).toBe(hours)
  })

  test('joins what has one offset over the turn of a year, without gap or overlap', () => {
    fc.assert(
      fc.property(anyZone, anyInstant, fc.nat(500 * 24), (name, from, hours) => {
        const to = from + hours * HOUR_MS
        const segments = zoneOf(name).segments(from, to)
        expect(segments[0]!.from).toBeLessThanOrEqual(from)
        expect(segments.at(-1)!.to).toBeGreaterThan(to)
        for (const [index, segment] of segments.slice(1).entries()) {
          expect(segment.from).toBe(segments[index]!.to)
          expect(segment.offsetMs).not.toBe(segments[index]!.offsetMs)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('a name', () => {
  test('of every zone of the runtime is found, in any spelling that the runtime accepts', () => {
    for (const name of Intl.supportedValuesOf('timeZone')) expect(findTimeZone(name)?.name).toBe(name)
    expect(findTimeZone('Etc/GMT+5')?.offsetAt(0)).toBe(-5 * HOUR_MS)
  })

  test.each([
    '',
    'Nowhere/City',
    '+05:30',
    'GMT+5',
    'UTC; DROP',
    "Europe/Berlin'",
    'Europe/Berlin\n',
    '../etc',
    'x'.repeat(100),
  ])('%j is none', (name) => {
    expect(findTimeZone(name)).toBeUndefined()
  })
})
