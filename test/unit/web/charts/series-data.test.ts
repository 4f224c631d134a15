import { describe, expect, test } from 'bun:test'
import { completePoints, type SeriesProps } from '../../../../src/web/charts/series.ts'
import { plotDataOf, seriesData } from '../../../../src/web/charts/line/series-data.ts'

interface Point {
  readonly timestamp: string
  readonly sent: number
}

const DAYS: readonly Point[] = [
  { timestamp: '2026-11-21T23:00:00Z', sent: 5 },
  { timestamp: '2026-11-22T23:00:00Z', sent: 0 },
  { timestamp: '2026-11-23T23:00:00Z', sent: 7 },
  { timestamp: '2026-11-24T23:00:00Z', sent: 0 },
]
const series = (asOf: string, changes: Partial<SeriesProps<Point>> = {}): SeriesProps<Point> => ({
  title: 'Over time',
  lines: [{ id: 'sent', label: 'Sent', colour: 'sent', value: ({ sent }) => sent }],
  points: DAYS,
  start: ({ timestamp }) => Date.parse(timestamp),
  zone: 'Europe/Berlin',
  granularity: 'day',
  asOf: Date.parse(asOf),
  ...changes,
})

describe('the state of buckets', () => {
  test('the bucket that contains the time of reading is incomplete, and later ones have no data', () => {
    const { states, values, sums } = seriesData(series('2026-11-24T10:00:00Z'))
    expect(states).toEqual(['complete', 'complete', 'incomplete', 'noData'])
    expect(values).toEqual([[5, 0, 7, null]])
    expect(sums).toEqual([12])
  })

  test('the last bucket ends with its local day', () => {
    expect(seriesData(series('2026-11-25T22:59:59Z')).states.at(-1)).toBe('incomplete')
    expect(seriesData(series('2026-11-25T23:00:00Z')).states.at(-1)).toBe('complete')
  })

  test.each([
    ['hour', '2026-11-24T23:59:59Z', '2026-11-25T00:00:00Z'],
    ['week', '2026-12-01T22:59:59Z', '2026-12-01T23:00:00Z'],
    ['month', '2026-11-30T22:59:59Z', '2026-11-30T23:00:00Z'],
  ] as const)('the last %s ends at %s', (granularity, lastInstant, end) => {
    const stateAt = (asOf: string) => seriesData(series(asOf, { granularity, points: DAYS.slice(-1) })).states
    expect(stateAt(lastInstant)).toEqual(['incomplete'])
    expect(stateAt(end)).toEqual(['complete'])
  })

  test('a day with a change of the clocks ends at its local midnight', () => {
    const points = [{ timestamp: '2026-10-24T22:00:00Z', sent: 1 }]
    expect(seriesData(series('2026-10-25T22:30:00Z', { points })).states).toEqual(['incomplete'])
    expect(seriesData(series('2026-10-25T23:00:00Z', { points })).states).toEqual(['complete'])
  })

  test('a bucket that is over is immature while its numbers may still change', () => {
    const isMature = ({ timestamp }: Point) => timestamp < '2026-11-22T12:00:00Z'
    const { states, open } = seriesData(series('2026-11-24T10:00:00Z', { isMature }))
    expect(states).toEqual(['complete', 'immature', 'incomplete', 'noData'])
    expect(open).toEqual([[false, true, true, false]])
    expect(completePoints(series('2026-11-24T10:00:00Z', { isMature }))).toEqual(DAYS.slice(0, 2))
  })

  test('the points of complete buckets are those before the incomplete one', () => {
    expect(completePoints(series('2026-11-24T10:00:00Z'))).toEqual(DAYS.slice(0, 2))
  })
})

describe('the previous period', () => {
  const previousPoints = [
    { timestamp: '2026-11-17T23:00:00Z', sent: 1 },
    { timestamp: '2026-11-18T23:00:00Z', sent: 2 },
  ]

  test('is aligned by index and ends where it has no more points', () => {
    const { previous } = seriesData(series('2026-11-23T10:00:00Z', { previousPoints }))
    expect(previous?.values).toEqual([[1, 2, null, null]])
    expect(previous?.starts).toEqual(previousPoints.map(({ timestamp }) => Date.parse(timestamp)))
  })

  test('is cut to the length of the range', () => {
    const points = DAYS.slice(0, 1)
    expect(seriesData(series('2026-11-30T00:00:00Z', { points, previousPoints })).previous?.values).toEqual([[1]])
  })

  test.each(['week', 'month'] as const)('is shown by %s too', (granularity) => {
    const { previous } = seriesData(series('2026-11-24T10:00:00Z', { granularity, previousPoints }))
    expect(previous?.values).toEqual([[1, 2, null, null]])
  })

  test('is missing where it has no points', () => {
    expect(seriesData(series('2026-11-24T10:00:00Z', { previousPoints: [] })).previous).toBeUndefined()
    expect(seriesData(series('2026-11-24T10:00:00Z')).previous).toBeUndefined()
  })
})

describe('the data of the plot', () => {
  test('separates complete buckets from the segment to the incomplete one', () => {
    const [indexes, previous, complete, incomplete] = plotDataOf(seriesData(series('2026-11-24T10:00:00Z')))
    expect(indexes).toEqual([0, 1, 2, 3])
    expect(previous).toEqual([null, null, null, null])
    expect(complete).toEqual([5, 0, null, null])
    expect(incomplete).toEqual([null, 0, 7, null])
  })

  test('separates the values that may still change, but not those of a settled line', () => {
    const [line] = series('').lines
    const lines = [{ ...line!, isSettled: true }, line!]
    const isMature = ({ timestamp }: Point) => timestamp < '2026-11-22T00:00:00Z'
    const [, , , settled, final, running, open] = plotDataOf(
      seriesData(series('2026-11-24T10:00:00Z', { lines, isMature })),
    )
    expect([settled, running]).toEqual([
      [5, 0, null, null],
      [null, 0, 7, null],
    ])
    expect([final, open]).toEqual([
      [5, null, null, null],
      [5, 0, 7, null],
    ])
  })

  test('has no segment when all buckets are complete', () => {
    expect(plotDataOf(seriesData(series('2026-12-24T10:00:00Z')))[3]).toEqual([null, null, null, null])
  })

  test('has a single value when the first bucket is incomplete', () => {
    const [, , complete, incomplete] = plotDataOf(seriesData(series('2026-11-22T00:00:00Z')))
    expect(complete).toEqual([null, null, null, null])
    expect(incomplete).toEqual([5, null, null, null])
  })
})
