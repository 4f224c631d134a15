import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import {
  requireTimeZone,
  resolveTimeRange,
  TIME_RANGE_PRESETS,
  type TimeRangeRequest,
} from '../../../../src/analytics/time/time-range.ts'
import { DATE_TIME_FORMATS } from '../../../../src/base/date-time.ts'
import { ApiFailure } from '../../../../src/base/errors.ts'
import { parseTimestamp } from '../../../../src/events/normalise/timestamp.ts'
import { resolveRange } from '../../../support/oracle/range.ts'
import { dateOf, dayOf } from '../../../support/oracle/zone.ts'

const NOW = Date.parse('2026-03-20T12:00:00Z')

function resolved(request: TimeRangeRequest, now = NOW): string[] {
  const zone = requireTimeZone(request.timezone)
  const { start, end } = resolveTimeRange(request, '7d', zone, now)
  return [new Date(start).toISOString(), new Date(end).toISOString()]
}

/** The parameter that is blamed. */
function blamed(request: TimeRangeRequest): string | undefined {
  try {
    resolved(request)
    return undefined
  } catch (error) {
    if (!(error instanceof ApiFailure)) throw error
    expect(error.code).toBe('VALIDATION_ERROR')
    return error.details.map(({ path }) => path).join()
  }
}

describe('a range', () => {
  test('of a preset runs from the start of the day so many days ago to the end of today, in any zone', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    const instants = fc.integer({ min: Date.UTC(2024, 3, 1), max: Date.UTC(2027, 11, 31) })
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        instants,
        fc.constantFrom(...TIME_RANGE_PRESETS),
        (zone, now, timeRange) => {
          const { startMs, endMs } = resolveRange({ timeRange }, '7d', zone, now)
          expect(resolveTimeRange({ timeRange }, '7d', requireTimeZone(zone), now)).toEqual({
            start: startMs,
            end: endMs,
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of two dates holds both whole, in any zone', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    const days = fc.integer({ min: dayOf('2024-01-01'), max: dayOf('2027-12-31') })
    fc.assert(
      fc.property(fc.constantFrom(...zones), days, fc.nat(60), (zone, day, length) => {
        const request = { startDate: dateOf(day), endDate: dateOf(day + length) }
        const { startMs, endMs } = resolveRange(request, '7d', zone, NOW)
        expect(resolveTimeRange(request, '7d', requireTimeZone(zone), NOW)).toEqual({ start: startMs, end: endMs })
      }),
      { numRuns: 60 },
    )
  })

  test('is the default preset when nothing is asked for', () => {
    expect(resolved({})).toEqual(['2026-03-13T00:00:00.000Z', '2026-03-20T23:59:59.999Z'])
    expect(resolved({ timezone: 'Asia/Kathmandu' })).toEqual(['2026-03-12T18:15:00.000Z', '2026-03-20T18:14:59.999Z'])
  })

  test('given by dates wins over the preset; a start alone runs to the end of today', () => {
    expect(resolved({ timeRange: '90d', startDate: '2026-03-19' })).toEqual([
      '2026-03-19T00:00:00.000Z',
      '2026-03-20T23:59:59.999Z',
    ])
    expect(resolved({ startDate: '2026-03-01', endDate: '2026-03-01', timezone: 'America/New_York' })).toEqual([
      '2026-03-01T05:00:00.000Z',
      '2026-03-02T04:59:59.999Z',
    ])
  })

  test.each([
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.999Z'],
    ['2026-03-01t10:00:00z', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:00.999Z'],
    ['2026-03-01 10:00:00,5Z', '2026-03-01T10:00:00.500Z', '2026-03-01T10:00:00.599Z'],
    ['2026-03-01T10:00:00.25Z', '2026-03-01T10:00:00.250Z', '2026-03-01T10:00:00.259Z'],
    ['2026-03-01T10:00:00.250Z', '2026-03-01T10:00:00.250Z', '2026-03-01T10:00:00.250Z'],
    ['2026-03-01T10:00:00.123456789012Z', '2026-03-01T10:00:00.123Z', '2026-03-01T10:00:00.123Z'],
    ['2026-03-01T10:00Z', '2026-03-01T10:00:00.000Z', '2026-03-01T10:00:59.999Z'],
    ['2026-03-01T23:59:59+05:30', '2026-03-01T18:29:59.000Z', '2026-03-01T18:29:59.999Z'],
    ['2026-03-01T10:00:00-0330', '2026-03-01T13:30:00.000Z', '2026-03-01T13:30:00.999Z'],
    ['2026-03-01T10:00:00+05', '2026-03-01T05:00:00.000Z', '2026-03-01T05:00:00.999Z'],
    // Without an offset: as the clock on the wall there.
    ['2026-03-01T10:00:00', '2026-03-01T09:00:00.000Z', '2026-03-01T09:00:00.999Z'],
    ['2026-03-01T23:59', '2026-03-01T22:59:00.000Z', '2026-03-01T22:59:59.999Z'],
  ])('takes %s as a start for %s, as an end for %s', (written, first, last) => {
    const timezone = 'Europe/Berlin'
    expect(resolved({ startDate: written, timezone })[0]).toBe(first)
    expect(resolved({ startDate: '2026-01-01', endDate: written, timezone })[1]).toBe(last)
  })

  test.each([
    // The clocks go from 02:00 to 03:00, and from 03:00 back to 02:00.
    ['2026-03-29T02:30', '2026-03-29T01:30:00.000Z', '2026-03-29T01:30:59.999Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z', '2026-10-25T00:30:59.999Z'],
  ])('takes %s in Berlin, which the clocks skip or show twice, for %s to %s', (written, first, last) => {
    const now = Date.parse('2026-11-28T12:00:00Z')
    const timezone = 'Europe/Berlin'
    expect(resolved({ startDate: written, timezone }, now)[0]).toBe(first)
    expect(resolved({ startDate: '2026-01-01', endDate: written, timezone }, now)[1]).toBe(last)
  })

  test('takes a date-time exactly where an event may have it, but for the offset, which an event must have', () => {
    const two = (max: number) => fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))
    const written = fc
      .tuple(
        fc.constantFrom('2026-01-31', '2026-02-29', '2025-12-31', '20260131', '2026-1-31', '2026-13-01'),
        fc.constantFrom('T', 't', ' ', '', '_'),
        two(25),
        fc.constantFrom(':', ''),
        two(61),
        fc.oneof(
          fc.constantFrom('', ':', ':7'),
          two(61).map((second) => `:${second}`),
        ),
        fc.constantFrom('', '.', '.5', ',5', '.123456789', `.${'1'.repeat(99)}`),
        fc.constantFrom('Z', 'z', '+01', '+0100', '-23:59', '+24:00', '+1', ' Z', ' 01:00', ''),
      )
      .map((parts) => parts.join(''))
    const taken = { both: 0, none: 0 }
    fc.assert(
      fc.property(written, (text) => {
        const timestamp = parseTimestamp(text)
        const hasOffset = /(z|[+-]\d\d(:?\d\d)?)$/i.test(text.slice(11))
        if (!hasOffset) return expect(timestamp).toBeUndefined()
        const start = blamed({ startDate: text, endDate: '2026-03-01' }) === undefined
        expect({ text, start }).toEqual({ text, start: timestamp !== undefined })
        taken[start ? 'both' : 'none']++
        if (start)
          expect(resolved({ startDate: text, endDate: '2026-03-01' })[0]).toBe(new Date(timestamp!).toISOString())
        return undefined
      }),
      { numRuns: 2_000, seed: 7 },
    )
    expect(Math.min(taken.both, taken.none)).toBeGreaterThan(20)
  })

  test('that is refused says what is accepted, and that a plus has to be escaped', () => {
    const message = (startDate: string) => {
      try {
        resolved({ startDate })
      } catch (error) {
        return (error as ApiFailure).details[0]!.message
      }
      return ''
    }
    expect(message('20260131T101530Z')).toContain(DATE_TIME_FORMATS)
    expect(message('yesterday')).toContain('2026-01-31')
    for (const blank of ['2026-03-01T10:00:00 05:30', '2026-03-01 10:00 0530', '2026-03-01T10:00:00.5 05'])
      expect(message(blank)).toContain('%2B')
    expect(message('2026-03-01T10 05')).not.toContain('%2B')
  })

  test('may be one instant, and may span two years but not a millisecond more', () => {
    const at = '2026-03-01T10:00:00Z'
    expect(blamed({ startDate: at, endDate: at })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-01T00:00:00Z', endDate: '2026-03-01T00:00:00Z' })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-01T00:00:00Z', endDate: '2026-03-01T00:00:00.001Z' })).toBe('startDate')
    expect(blamed({ startDate: '2024-02-29', endDate: '2026-02-28' })).toBeUndefined()
    // The same day two years on, whole.
    expect(blamed({ startDate: '2024-03-20', endDate: '2026-03-20' })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-20' })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-20', endDate: '2026-03-21' })).toBe('startDate')
    expect(blamed({ startDate: '2024-03-19' })).toBe('startDate')
    expect(blamed({ startDate: '2024-03-01T10:00', endDate: '2026-03-01T10:00' })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-01T10:00', endDate: '2026-03-01T10:01' })).toBe('startDate')
  })

  test.each<[string, TimeRangeRequest]>([
    ['endDate', { endDate: '2026-03-01' }],
    ['startDate', { startDate: '2026-03-02', endDate: '2026-03-01' }],
    ['startDate', { startDate: '2026-03-21' }],
    ['startDate', { startDate: '2020-01-01' }],
    ['startDate', { startDate: 'yesterday' }],
    ['startDate', { startDate: '' }],
    ['startDate', { startDate: '2026-02-30' }],
    ['startDate', { startDate: '2026-13-01' }],
    ['startDate', { startDate: '20260301' }],
    ['startDate', { startDate: '2026-03-01T25:00:00Z' }],
    ['startDate', { startDate: '2026-03-01T10:61:00Z' }],
    ['startDate', { startDate: '1772000000000' }],
    ['endDate', { startDate: '2026-03-01', endDate: '2026-03-01T10:00:00 05:30' }],
    ['endDate', { startDate: '2026-03-01', endDate: '9999-12-31' }],
    ['timezone', { timezone: 'Nowhere/City' }],
    ['timezone', { timezone: '+05:30' }],
  ])('blames %s for %j', (path, request) => {
    expect(blamed(request)).toBe(path)
  })
})
