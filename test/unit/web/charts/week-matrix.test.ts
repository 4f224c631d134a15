import { expect, test } from 'bun:test'
import { weekMatrix } from '../../../../src/web/charts/week-matrix.ts'

const LATER = Date.parse('2027-01-01T00:00:00Z')

test('counts belong to the local weekday and hour', () => {
  const matrix = weekMatrix([{ timestamp: '2026-11-29T23:00:00Z', messageCount: 5 }], 'Europe/Berlin', LATER)
  expect(matrix[0]![0]).toBe(5)
  expect(matrix.flat().filter((count) => count !== null)).toEqual([5])
})

test('the repeated hour of a clock change and the same hour of other weeks are added', () => {
  const series = ['2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z', '2026-11-01T01:00:00Z'].map((timestamp, index) => ({
    timestamp,
    messageCount: 10 ** index,
  }))
  expect(weekMatrix(series, 'Europe/Berlin', LATER)[6]![2]).toBe(111)
})

test('an hour that has not begun has no data, which is not zero', () => {
  const series = ['2026-11-23T10:00:00Z', '2026-11-23T11:00:00Z'].map((timestamp) => ({ timestamp, messageCount: 0 }))
  const [monday, tuesday] = weekMatrix(series, 'UTC', Date.parse('2026-11-23T10:30:00Z'))
  expect(monday!.slice(9, 12)).toEqual([null, 0, null])
  expect(tuesday!.every((count) => count === null)).toBe(true)
})

test('the hours of the week are local before and after a change of the clocks', () => {
  const series = [
    { timestamp: '2026-03-22T23:00:00.000Z', messageCount: 2 }, // Monday 00:00 in Berlin, winter
    { timestamp: '2026-03-29T22:00:00.000Z', messageCount: 3 }, // Monday 00:00 in Berlin, summer
    { timestamp: '2026-03-29T21:00:00.000Z', messageCount: 5 },
  ]
  const matrix = weekMatrix(series, 'Europe/Berlin', LATER)
  expect([matrix[0]![0], matrix[6]![23]]).toEqual([5, 5])
  expect(matrix.flat().reduce<number>((sum, count) => sum + (count ?? 0), 0)).toBe(10)
})
