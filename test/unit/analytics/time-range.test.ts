import { describe, expect, test } from 'bun:test'
import * as fc from 'fast-check'
import {
  requireZone,
  resolveTimeRange,
  TIME_RANGE_PRESETS,
  type TimeRangeRequest,
} from '../../../src/analytics/time-range.ts'
import { ApiFailure } from '../../../src/errors.ts'
import { resolveRange } from '../../support/oracle/range.ts'
import { dateOf, dayOf } from '../../support/oracle/zone.ts'

const NOW = Date.parse('2026-03-20T12:00:00Z')

function resolved(request: TimeRangeRequest, now = NOW): string[] {
  const zone = requireZone(request.timezone)
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
          expect(resolveTimeRange({ timeRange }, '7d', requireZone(zone), now)).toEqual({ start: startMs, end: endMs })
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
        expect(resolveTimeRange(request, '7d', requireZone(zone), NOW)).toEqual({ start: startMs, end: endMs })
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
    ['2026-03-01T10:00:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00.123456Z', '2026-03-01T10:00:00.123Z'],
    ['2026-03-01T10:00Z', '2026-03-01T10:00:00.000Z'],
    ['2026-03-01T10:00:00+05:30', '2026-03-01T04:30:00.000Z'],
    ['2026-03-01T10:00:00-0330', '2026-03-01T13:30:00.000Z'],
    // Without an offset: as the clock on the wall there.
    ['2026-03-01T10:00:00', '2026-03-01T09:00:00.000Z'],
    ['2026-03-01T10:00', '2026-03-01T09:00:00.000Z'],
  ])('takes %s for %s, at either end', (written, instant) => {
    const timezone = 'Europe/Berlin'
    expect(resolved({ startDate: written, timezone })[0]).toBe(instant)
    expect(resolved({ startDate: '2026-01-01', endDate: written, timezone })[1]).toBe(instant)
  })

  test('may be one instant, and may span two years but not a millisecond more', () => {
    const at = '2026-03-01T10:00:00Z'
    expect(blamed({ startDate: at, endDate: at })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-01T00:00:00Z', endDate: '2026-03-01T00:00:00Z' })).toBeUndefined()
    expect(blamed({ startDate: '2024-03-01T00:00:00Z', endDate: '2026-03-01T00:00:00.001Z' })).toBe('startDate')
    expect(blamed({ startDate: '2024-02-29', endDate: '2026-02-28' })).toBeUndefined()
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
