import { describe, expect, test } from 'bun:test'
import { fc } from '../../../support/base/properties.ts'
import { parseTimestamp } from '../../../../src/events/normalise/timestamp.ts'
import { Rejection } from '../../../../src/events/rejection.ts'
import { envelope, NOW, read } from '../../../support/ingest/event-samples.ts'

const AT = Date.UTC(2026, 0, 27, 10, 15, 30, 123)

describe('a timestamp', () => {
  test.each([
    ['2026-01-27T10:15:30.123Z', AT],
    ['2026-01-27t10:15:30.123z', AT],
    ['2026-01-27 10:15:30,123Z', AT],
    ['2026-01-27T10:15:30.123456789Z', AT],
    ['2026-01-27T10:15:30.1239999999999Z', AT],
    ['2026-01-27T11:15:30.123+01:00', AT],
    ['2026-01-27T11:15:30.123+01', AT],
    ['2026-01-27T15:45:30.123+0530', AT],
    ['2026-01-27T16:00:30.123+05:45', AT],
    ['2026-01-26T20:15:30.123-14:00', AT],
    ['2026-01-27T10:15:30.123-00:00', AT],
    ['2026-01-27T10:15:30.1Z', AT - 23],
    ['2026-01-27T10:15:30Z', AT - 123],
    ['2026-01-27T10:15Z', AT - 30_123],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['1800-01-01T00:00:00Z', Date.UTC(1800, 0, 1)],
    ['9999-12-31T23:59:59.999Z', Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    [AT, AT],
    [AT + 0.9, AT],
    [0, 0],
  ])('%j is the instant %d', (written, instant) => {
    expect(parseTimestamp(written)).toBe(instant)
  })

  test.each([
    ['no zone', '2026-01-27T10:15:30.123'],
    ['a date alone', '2026-01-27'],
    ['30 February', '2026-02-30T00:00:00Z'],
    ['29 February of a common year', '2026-02-29T00:00:00Z'],
    ['31 April', '2026-04-31T00:00:00Z'],
    ['month 13', '2026-13-01T00:00:00Z'],
    ['month 0', '2026-00-01T00:00:00Z'],
    ['a leap second', '2026-06-30T23:59:60Z'],
    ['24 o’clock', '2026-01-27T24:00:00Z'],
    ['minute 60', '2026-01-27T10:60:00Z'],
    ['an offset of 24 hours', '2026-01-27T10:00:00+24:00'],
    ['a year of two digits', '26-01-27T10:00:00Z'],
    ['a year of five digits', '+12026-01-27T10:00:00Z'],
    ['epoch milliseconds as text', String(AT)],
    ['an e-mail date', 'Tue, 27 Jan 2026 10:15:30 GMT'],
    ['a space in front', ' 2026-01-27T10:15:30Z'],
    ['a megabyte', `2026-01-27T10:15:30.${'1'.repeat(1_000_000)}Z`],
    ['nothing', undefined],
    ['null', null],
    ['a list', [AT]],
    ['true', true],
    ['beyond the calendar', 1e300],
  ])('is rejected when it is %s', (_, written) => {
    expect(parseTimestamp(written)).toBeUndefined()
    expect(read(JSON.stringify(envelope({}, { timestamp: written })))).toMatchObject({ reason: 'invalid_timestamp' })
  })

  test('is the same instant with any notation of its offset', () => {
    const instants = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2100, 0, 1) })
    fc.assert(
      fc.property(instants, fc.integer({ min: -23 * 60, max: 23 * 60 }), (instant, offsetMinutes) => {
        const wall = new Date(instant + offsetMinutes * 60_000).toISOString().slice(0, -1)
        const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
        const sign = offsetMinutes < 0 ? '-' : '+'
        expect(parseTimestamp(`${wall}${sign}${two(offsetMinutes / 60)}:${two(offsetMinutes % 60)}`)).toBe(instant)
      }),
    )
  })
})

describe('the accepted range of instants', () => {
  const DAY_MS = 86_400_000
  const outcome = (timestamp: unknown, now = NOW) => {
    const event = read(JSON.stringify(envelope({}, { timestamp })), { now })
    return event instanceof Rejection ? event.reason : event.row.occurred_at
  }

  test('ends 24 hours ahead, to the millisecond', () => {
    expect(outcome(NOW + DAY_MS)).toBe(NOW + DAY_MS)
    expect(outcome(NOW + DAY_MS + 1)).toBe('future_timestamp')
    expect(outcome('9999-12-31T23:59:59Z')).toBe('future_timestamp')
  })

  test('begins two calendar years ago, to the millisecond', () => {
    const start = Date.UTC(2024, 2, 20, 12)
    expect(outcome(start)).toBe(start)
    expect(outcome(start - 1)).toBe('expired_timestamp')
    expect(outcome('1800-01-01T00:00:00Z')).toBe('expired_timestamp')
  })

  test('begins on 1 March when it is 29 February', () => {
    const now = Date.UTC(2028, 1, 29, 12)
    expect(outcome(Date.UTC(2026, 2, 1, 12), now)).toBe(Date.UTC(2026, 2, 1, 12))
    expect(outcome(Date.UTC(2026, 1, 28, 12), now)).toBe('expired_timestamp')
  })

  test('reads epoch seconds as milliseconds: an instant of 1970', () => {
    expect(outcome(Math.floor(NOW / 1000))).toBe('expired_timestamp')
  })
})
