import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { catchUpSeconds, dailyArrivals, simulateOutage } from '../../bench/capacity/outage-model.ts'

const HELD = 56_000
const rates = fc.integer({ min: 1, max: 100_000 })
const outages = fc.integer({ min: 1, max: 3_600 })
/** Below 1: with less room than that, catching up takes longer than a property has time for. */
const utilisations = fc.integer({ min: 5, max: 90 }).map((percent) => percent / 100)

const even = (rate: number, capacity: number, outageSeconds: number, retrySeconds = 0) =>
  simulateOutage({ arrivals: () => rate, capacity, outageSeconds, retrySeconds, heldEvents: HELD })

describe('the model of an outage', () => {
  test('takes as long to catch up as the formula says, to the second', () => {
    fc.assert(
      fc.property(rates, utilisations, outages, fc.integer({ min: 0, max: 10 }), (rate, used, seconds, retry) => {
        const course = even(rate, rate / used, seconds, retry)
        const expected = retry + catchUpSeconds(rate, rate / used, seconds + retry)
        expect(Math.abs(course.catchUpSeconds - expected)).toBeLessThan(1.001)
      }),
      { numRuns: 100 },
    )
  })

  test('loses nothing: what waits at most is what was published while nothing was stored', () => {
    fc.assert(
      fc.property(rates, utilisations, outages, (rate, used, seconds) => {
        const { most, moments } = even(rate, rate / used, seconds)
        expect(most).toMatchObject({ second: seconds, waiting: rate * seconds, lagSeconds: seconds })
        expect(moments.at(-1)).toMatchObject({ waiting: 0, lagSeconds: 0 })
      }),
      { numRuns: 100 },
    )
  })

  test('holds no more in memory than there is room for, and the rest in the stream', () => {
    fc.assert(
      fc.property(rates, utilisations, outages, fc.integer({ min: 1, max: 1_000_000 }), (rate, used, seconds, held) => {
        const outage = { arrivals: () => rate, capacity: rate / used, outageSeconds: seconds, heldEvents: held }
        for (const { waiting, inMemory, inStream } of simulateOutage(outage).moments)
          if (inMemory > held || inStream < 0 || inMemory + inStream !== waiting)
            throw new Error(`${inMemory} in memory and ${inStream} in the stream of ${waiting}`)
      }),
      { numRuns: 50 },
    )
  })

  test('never takes longer with more capacity, whatever the day looks like', () => {
    fc.assert(
      fc.property(utilisations, fc.integer({ min: 0, max: 100 }), outages, (used, swing, seconds) => {
        const takes = (capacity: number) => {
          const arrivals = dailyArrivals(1_000, swing / 100)
          return simulateOutage({ arrivals, capacity, outageSeconds: seconds, heldEvents: HELD }).catchUpSeconds
        }
        expect(takes((1_000 / used) * 1.1)).toBeLessThanOrEqual(takes(1_000 / used))
      }),
      { numRuns: 30 },
    )
  })

  test('never catches up where as much comes as can be stored', () => {
    const outage = { arrivals: () => 1_000, capacity: 1_000, outageSeconds: 60, heldEvents: HELD, maxSeconds: 3_600 }
    const { catchUpSeconds: takes, moments } = simulateOutage(outage)
    expect(takes).toBe(Infinity)
    expect(moments.at(-1)).toMatchObject({ waiting: 60_000, lagSeconds: 60 })
    expect(catchUpSeconds(1_000, 1_000, 60)).toBe(Infinity)
  })
})

test('a day of the curve comes to its mean', () => {
  const arrivals = dailyArrivals(1_000, 0.5)
  const sum = Array.from({ length: 86_400 }, (_, second) => arrivals(second)).reduce((a, b) => a + b)
  expect(sum / 86_400).toBeCloseTo(1_000, 6)
  expect(arrivals(0)).toBe(1_500)
})
