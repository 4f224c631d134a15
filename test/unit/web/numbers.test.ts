import { describe, expect, test } from 'bun:test'
import { csvParameters } from '../../../src/web/csv-parameters.ts'
import { createBucketFormatter, describeChange, formatCount, formatRate } from '../../../src/web/format.ts'
import { ZERO_MESSAGE_COUNTS } from '../../../src/analytics/message-counts.ts'
import { addLiveCounts } from '../../../src/web/add-live-counts.ts'
import { sessionIdentityOf, normaliseCredential } from '../../../src/web/state/session.ts'
import { weekMatrix } from '../../../src/web/week-matrix.ts'
import { token } from '../../support/http/tokens.ts'

test('numbers are written for people', () => {
  expect([formatCount(1234567), formatRate(0), formatRate(95.25)]).toEqual(['1,234,567', '0.00 %', '95.25 %'])
})

test.each([
  [110, 100, 'count', 'Up 10.0 %, from 100 before'],
  [90, 100, 'count', 'Down 10.0 %, from 100 before'],
  [5000, 100, 'count', 'Up 50 times, from 100 before'],
  [5, 0, 'count', 'Up from none before'],
  [7, 7, 'count', 'The same as before: 7'],
  [40.5, 42, 'rate', 'Down 1.50 pts, from 42.00 % before'],
] as const)('%d after %d (%s) is told as: %s', (now, before, kind, sentence) => {
  expect(describeChange(now, before, kind).sentence).toBe(sentence)
})

test('buckets are named by local clocks', () => {
  const start = Date.parse('2026-03-29T22:00:00Z')
  expect(createBucketFormatter('day', 'Europe/Berlin')(start)).toMatch(/30 Mar 2026/)
  expect(createBucketFormatter('hour', 'UTC')(start)).toMatch(/29 Mar.*22:00/)
  expect(createBucketFormatter('week', 'UTC')(start)).toBe('Week of 29 Mar 2026')
})

test('the hours of the week are local, on both sides of a change of the clocks', () => {
  const series = [
    { timestamp: '2026-03-22T23:00:00.000Z', messageCount: 2 }, // Monday 00:00 in Berlin, winter
    { timestamp: '2026-03-29T22:00:00.000Z', messageCount: 3 }, // Monday 00:00 in Berlin, summer
    { timestamp: '2026-03-29T21:00:00.000Z', messageCount: 5 },
  ]
  const matrix = weekMatrix(series, 'Europe/Berlin')
  expect([matrix[0]![0], matrix[6]![23]]).toEqual([5, 5])
  expect(matrix.flat().reduce((sum, count) => sum + count)).toBe(10)
})

test('what the stream adds is added to the outcome it is of', () => {
  const counts = [
    { eventType: 'message_sent', channel: 'email', count: 2 },
    { eventType: 'message_sent', channel: '', count: 1 },
    { eventType: 'message_unsubscribed', channel: 'sms', count: 1 },
    { eventType: 'contact_created', channel: '', count: 9 },
  ]
  expect(addLiveCounts({ ...ZERO_MESSAGE_COUNTS, sent: 4 }, counts)).toEqual({
    ...ZERO_MESSAGE_COUNTS,
    sent: 7,
    unsubscribed: 1,
  })
})

describe('what is pasted to sign in', () => {
  test.each([
    [' abc.def.ghi \n', 'abc.def.ghi'],
    ['Bearer abc', 'abc'],
    ['Authorization: Bearer abc', 'abc'],
    ['a b', undefined],
    ['ключ', undefined],
    ['', undefined],
  ])('%j is read as %p', (pasted, credential) => expect(normaliseCredential(pasted)).toBe(credential))

  test('contains the tenant', () => {
    const holder = (credential: string) => sessionIdentityOf({ credential })
    expect(holder(token('s', { tenantId: 'tenant-ü' }))).toEqual({ name: 'tenant-ü', tenants: [] })
    expect(holder(token('s', { tenantIds: ['a', 'b', 3] })).tenants).toEqual(['a', 'b'])
    expect(holder('oak_key')).toEqual({ name: 'API key', tenants: [] })
  })
})

test.each([
  ['de-DE', '&delimiter=semicolon&decimal=comma'],
  ['fr', '&delimiter=semicolon&decimal=comma'],
  ['en-GB', ''],
  ['de-CH', ''],
])('CSV for a browser in %s is asked for with %j', (language, parameters) => {
  expect(csvParameters(language)).toBe(parameters)
})
