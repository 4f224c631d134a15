/** How often detectors fire on chance alone, and whether they find what was put in: seeded series with a weekly rhythm. The figures stand in docs/alerts.md. */
import { describe, expect, test } from 'bun:test'
import type { Detector } from '../../../src/alerts/detectors/detector.ts'
import { measureRate, type Measurement } from '../../../src/alerts/detectors/verdict.ts'
import { judgeBucket } from '../../../src/alerts/judging/judge-bucket.ts'
import { FiredBuckets } from '../../../src/alerts/judging/fired-buckets.ts'
import { SeriesValues } from '../../../src/alerts/judging/series-values.ts'
import { Timeline } from '../../../src/alerts/judging/timeline.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { chanceOf } from '../../support/base/random.ts'

const HOUR_MS = 3_600_000
const WEEK_HOURS = 168
const ZONE = findTimeZone('Europe/Berlin')!
const START = Date.UTC(2026, 0, 5)
const WEEKS = 13
const JUDGED_FROM = 9 * WEEK_HOURS
const TIMELINE = new Timeline(
  { granularity: 'hour', zone: ZONE },
  { start: START, end: START + WEEKS * WEEK_HOURS * HOUR_MS - 1 },
)
const chance = chanceOf(7)

/** The normal distribution by Box and Muller; of larger means, Poisson and binomial counts are rounded normal ones. */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next())
}

function poisson(mean: number): number {
  if (mean > 60) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
  let [count, product] = [0, chance.next()]
  for (const limit = Math.exp(-mean); product > limit; product *= chance.next()) count++
  return count
}

function binomial(whole: number, rate: number): number {
  let count = 0
  for (let trial = 0; trial < whole; trial++) if (chance.hits(rate)) count++
  return count
}

/** Messages in an hour: many by day, half as many at weekends, few by night. The clocks change within these weeks, and people follow the clocks. */
function usual(index: number, scale: number): number {
  const local = ZONE.wallTime(TIMELINE.starts[index]!)
  const hour = local.getUTCHours()
  const share = hour >= 8 && hour < 20 ? 1 : hour >= 6 && hour < 22 ? 0.5 : 0.15
  return scale * share * (local.getUTCDay() % 6 === 0 ? 0.5 : 1)
}

function seriesOf(kind: 'count' | 'rate', measure: (index: number) => Measurement): SeriesValues {
  const values = new SeriesValues(kind)
  for (let index = 0; index < TIMELINE.starts.length; index++) values.set(index, measure(index))
  return values
}

/** The buckets of the last weeks that fire. */
function firings(detector: Detector, values: SeriesValues): number[] {
  const fired = new FiredBuckets()
  const found: number[] = []
  for (let index = JUDGED_FROM; index < TIMELINE.starts.length; index++) {
    const verdict = judgeBucket(detector, { timeline: TIMELINE, values, firstStored: 0, fired }, index, false)
    if (verdict.outcome !== 'fires') continue
    fired.add(TIMELINE.starts[index]!, TIMELINE.starts[index - 1])
    found.push(index)
  }
  return found
}

const SEASONAL = { kind: 'seasonalCount', z: 3.5, minChange: 10, minChangePercent: 30, direction: 'both' } as const
const SHIFT = { kind: 'rateShift', z: 3.5, direction: 'both' } as const
const RARE = { kind: 'rareRate', p0: 0.001, alpha: 0.05, minDenominator: 1_000, minCount: 3 } as const
/** Of a normal distribution outside ±3.5. */
const NOMINAL = 4.65e-4
const JUDGED = TIMELINE.starts.length - JUDGED_FROM

describe('false alarms on chance alone', () => {
  test('seasonalCount stays below its nominal rate', () => {
    let alarms = 0
    const scales = [4, 20, 100, 500, 2_000]
    for (const scale of scales)
      for (let copy = 0; copy < 10; copy++)
        alarms += firings(
          SEASONAL,
          seriesOf('count', (index) => ({ value: poisson(usual(index, scale)) })),
        ).length
    const rate = alarms / (scales.length * 10 * JUDGED)
    expect(rate).toBeLessThan(NOMINAL)
  })

  test('rateShift stays near its nominal rate, which is that of an infinite base', () => {
    let alarms = 0
    for (let copy = 0; copy < 20; copy++)
      alarms += firings(
        SHIFT,
        seriesOf('rate', (index) => {
          const whole = 200 + Math.round(usual(index, 400))
          return measureRate(binomial(whole, 0.05), whole)
        }),
      ).length
    expect(alarms / (20 * JUDGED)).toBeLessThan(2 * NOMINAL)
  })

  test('rareRate stays below alpha at exactly the acceptable rate', () => {
    let alarms = 0
    for (let copy = 0; copy < 5; copy++)
      alarms += firings(
        RARE,
        seriesOf('rate', () => measureRate(poisson(3), 3_000)),
      ).length
    expect(alarms / (5 * JUDGED)).toBeLessThan(RARE.alpha)
    expect(alarms).toBeGreaterThan(0)
  })
})

describe('what was put in is found', () => {
  const noon = JUDGED_FROM + 2 * 24 + 12

  test('a jump and a drop of a count', () => {
    for (const [factor, found] of [
      [3, true],
      [0.2, true],
      [1, false],
    ] as const) {
      const values = seriesOf('count', (index) => ({
        value: poisson(usual(index, 100) * (index === noon ? factor : 1)),
      }))
      expect(firings(SEASONAL, values).includes(noon)).toBe(found)
    }
  })

  test('a silence after the events that were to be expected', () => {
    const values = seriesOf('count', (index) => ({ value: index >= noon && index < noon + 8 ? 0 : 3 + poisson(5) }))
    const found = firings({ kind: 'silence', expected: 30 }, values)
    expect(found[0]).toBeGreaterThan(noon)
    expect(found.at(-1)).toBe(noon + 7)
  })

  test('a shift of a rate, and a rate that is too high', () => {
    const shifted = seriesOf('rate', (index) => measureRate(binomial(500, index === noon ? 0.12 : 0.05), 500))
    expect(firings(SHIFT, shifted)).toContain(noon)
    const rare = seriesOf('rate', (index) => measureRate(index === noon ? 14 : 1, 3_000))
    expect(firings(RARE, rare)).toEqual([noon])
  })
})
