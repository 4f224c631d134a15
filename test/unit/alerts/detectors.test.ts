import { describe, expect, test } from 'bun:test'
import { countBounds, expectationOf, median } from '../../../src/alerts/detectors/count-bounds.ts'
import { judgeRareRate } from '../../../src/alerts/detectors/rare-rate.ts'
import { judgeRateShift, rateBaseOf } from '../../../src/alerts/detectors/rate-shift.ts'
import { judgeSeasonalCount } from '../../../src/alerts/detectors/seasonal-count.ts'
import { judgeSilence } from '../../../src/alerts/detectors/silence.ts'
import { SeriesValues } from '../../../src/alerts/judging/series-values.ts'
import { Timeline } from '../../../src/alerts/judging/timeline.ts'
import { SeriesTracker } from '../../../src/alerts/judging/track-series.ts'
import type { AlertRule } from '../../../src/alerts/rules/resolve-rule.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { judgeThreshold } from '../../../src/alerts/detectors/threshold.ts'
import { measureRate } from '../../../src/alerts/detectors/verdict.ts'
import { fc } from '../../support/base/properties.ts'

const counts = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 4, maxLength: 8 })

describe('the bounds of a count', () => {
  test('use the median and the median deviation', () => {
    expect(median([10, 12, 9, 11])).toBe(10.5)
    // Deviations from 100: 0, 0, 10, 30, 60. 14.826² ÷ 100 = 2.198…
    const { median: middle, dispersion } = expectationOf([100, 100, 110, 70, 160])
    expect(middle).toBe(100)
    expect(dispersion).toBeCloseTo(2.19810276, 8)
  })

  // By the delta method the power 2/3 of a Poisson count of mean 9 has the standard deviation ⅔·9^(1/6); 4 references make its prediction √1.25 wider.
  test('lie symmetrically on the scale of the power 2/3', () => {
    const { lower, upper } = countBounds([9, 9, 9, 9], 3)
    const [centre, width] = [9 ** (2 / 3), (2 / 3) * 3 * 9 ** (1 / 6) * Math.sqrt(1.25)]
    expect(lower).toBeCloseTo((centre - width) ** 1.5, 10)
    expect(upper).toBeCloseTo((centre + width) ** 1.5, 10)
  })

  test('contain the median and widen with z', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0.1, max: 10, noNaN: true }), (references, z) => {
        const near = countBounds(references, z)
        const far = countBounds(references, z * 1.5)
        expect(near.lower).toBeLessThanOrEqual(near.median)
        expect(near.upper).toBeGreaterThanOrEqual(near.median)
        expect(far.lower).toBeLessThanOrEqual(near.lower)
        expect(far.upper).toBeGreaterThanOrEqual(near.upper)
      }),
    )
  })
})

describe('seasonalCount', () => {
  const DEFAULTS = { kind: 'seasonalCount', z: 3.5, minChange: 10, minChangePercent: 30, direction: 'both' } as const
  const REFERENCES = [400, 400, 410, 390, 405]

  test.each([
    ['far above', 600, {}, 'fires'],
    ['far below', 200, {}, 'fires'],
    ['above by less than 30 %', 519, {}, 'clear'],
    ['above by exactly 30 %', 520, {}, 'fires'],
    ['far above, only drops count', 600, { direction: 'down' }, 'clear'],
    ['far below, only jumps count', 200, { direction: 'up' }, 'clear'],
    ['far above, but by less than asked', 600, { minChange: 201 }, 'clear'],
  ] as const)('%s: %p', (_, count, over, outcome) => {
    expect(judgeSeasonalCount(count, REFERENCES, { ...DEFAULTS, ...over }).outcome).toBe(outcome)
  })

  test('has no verdict with fewer than 4 references, nor on a drop where the usual count is small', () => {
    expect(judgeSeasonalCount(900, [1, 2, 3], DEFAULTS).outcome).toBe('tooFew')
    expect(judgeSeasonalCount(0, [5, 5, 5, 5], { ...DEFAULTS, z: 1, minChange: 1 }).outcome).toBe('tooFew')
    expect(judgeSeasonalCount(0, [6, 6, 6, 6], { ...DEFAULTS, z: 1, minChange: 1 }).outcome).toBe('fires')
  })

  test('fires above z² where nothing was before', () => {
    expect([12, 13].map((count) => judgeSeasonalCount(count, [0, 0, 0, 0], DEFAULTS).outcome)).toEqual([
      'clear',
      'fires',
    ])
  })

  test('never fires at the median', () => {
    fc.assert(
      fc.property(counts, (references) => {
        expect(judgeSeasonalCount(median(references), references, DEFAULTS).outcome).toBe('clear')
      }),
    )
  })
})

describe('rareRate', () => {
  const DETECTOR = { kind: 'rareRate', p0: 0.001, alpha: 0.05, minDenominator: 1_000, minCount: 3 } as const
  const outcomeOf = (part: number, whole: number) => judgeRareRate(measureRate(part, whole), DETECTOR).outcome

  // 3 of 1,000 happen by chance in 8.0 % of all cases, 4 in 1.9 %; 15 of 10,000 in 8.3 %, 16 in 4.9 %.
  test('fires where the rate would hardly be chance', () => {
    expect([outcomeOf(3, 1_000), outcomeOf(4, 1_000)]).toEqual(['clear', 'fires'])
    expect([outcomeOf(15, 10_000), outcomeOf(16, 10_000)]).toEqual(['clear', 'fires'])
  })

  test('is clear for a small whole or a small part', () => {
    expect([outcomeOf(99, 999), outcomeOf(0, 0)]).toEqual(['clear', 'clear'])
    expect(judgeRareRate(measureRate(2, 1_000), { ...DETECTOR, p0: 1e-9 }).outcome).toBe('clear')
  })
})

describe('rateShift', () => {
  const DETECTOR = { kind: 'rateShift', z: 3.5, direction: 'both' } as const

  // The first weeks of patients who were seen within four hours, from M. A. Mohammed et al., "Plotting basic control charts", BMJ Quality & Safety 22 (2013), 362–368, whose p′
  // chart is that of Laney. The expected values were calculated with 40 digits.
  test('has the centre and the σ of the published data', () => {
    const seen = [266_501, 264_225, 276_532, 281_461, 269_071, 261_215]
    const all = [280_443, 276_823, 291_681, 296_155, 282_343, 275_888]
    const { rate, sigma } = rateBaseOf(seen.map((part, week) => measureRate(part, all[week]!)))
    expect(rate).toBeCloseTo(0.950492358217682, 12)
    expect(sigma).toBeCloseTo(9.42406622973974, 9)
  })

  const steady = Array.from({ length: 28 }, () => measureRate(100, 1_000))
  const restless = Array.from({ length: 28 }, (_, day) => measureRate(day % 2 === 0 ? 60 : 140, 1_000))
  const outcomeOf = (part: number, before: typeof steady, over = {}) =>
    judgeRateShift(measureRate(part, 1_000), before, { ...DETECTOR, ...over }).outcome

  test('fires on a shift of a steady rate, not on one that is usual', () => {
    // √(0.1·0.9 ÷ 1,000) is 0.00949: 133 lies 3.48 standard deviations above, 134 lies 3.58.
    expect([outcomeOf(133, steady), outcomeOf(134, steady), outcomeOf(66, steady)]).toEqual(['clear', 'fires', 'fires'])
    expect([outcomeOf(134, restless), outcomeOf(66, restless)]).toEqual(['clear', 'clear'])
    expect([outcomeOf(134, steady, { direction: 'down' }), outcomeOf(66, steady, { direction: 'up' })]).toEqual([
      'clear',
      'clear',
    ])
  })

  test('has no verdict without a whole, or with fewer than 28 buckets before that have one', () => {
    expect(judgeRateShift(measureRate(0, 0), steady, DETECTOR).outcome).toBe('noData')
    expect(outcomeOf(500, steady.slice(1))).toBe('tooFew')
    expect(outcomeOf(500, [...steady.slice(1), measureRate(0, 0)])).toBe('tooFew')
  })

  test('is clear where fewer than 5 cases are to be expected, and where the rate never varies', () => {
    expect(judgeRateShift(measureRate(40, 49), steady, DETECTOR).outcome).toBe('clear')
    const never = Array.from({ length: 28 }, () => measureRate(0, 1_000))
    expect(outcomeOf(500, never)).toBe('clear')
  })
})

describe('threshold', () => {
  const judge = (value: number, isFiring: boolean, over: object) =>
    judgeThreshold({ value }, { kind: 'threshold', ...over }, isFiring).outcome

  test('fires strictly outside its limits', () => {
    const limits = { above: 20, below: 5 }
    expect([20, 20.01, 5, 4.99].map((value) => judge(value, false, limits))).toEqual([
      'clear',
      'fires',
      'clear',
      'fires',
    ])
  })

  test('stays firing until the recovery limits, by default 80 %', () => {
    expect([16.01, 16].map((value) => judge(value, true, { above: 20 }))).toEqual(['fires', 'clear'])
    expect([6.24, 6.25].map((value) => judge(value, true, { below: 5 }))).toEqual(['fires', 'clear'])
    expect([10.5, 10].map((value) => judge(value, true, { above: 20, recoverAbove: 10 }))).toEqual(['fires', 'clear'])
  })

  test('has no verdict on a rate of too little', () => {
    const detector = { kind: 'threshold', above: 5, minDenominator: 100 } as const
    const outcomes = [99, 100].map((whole) => judgeThreshold(measureRate(50, whole), detector, false).outcome)
    expect(outcomes).toEqual(['noData', 'fires'])
    expect(judgeThreshold(measureRate(0, 0), { kind: 'threshold', below: 5 }, false).outcome).toBe('noData')
  })
})

describe('silence', () => {
  const DETECTOR = { kind: 'silence', expected: 7 } as const
  test('fires when the expected events since the last one reach the limit', () => {
    const [three, four] = [
      [3, 3, 3, 3],
      [4, 4, 4, 4],
    ]
    expect(judgeSilence(0, [three], DETECTOR).outcome).toBe('clear')
    expect(judgeSilence(0, [three, four], DETECTOR).outcome).toBe('fires')
    expect(judgeSilence(1, [three, four], DETECTOR).outcome).toBe('clear')
  })

  test('ignores buckets with too few references, and has no verdict without any', () => {
    expect(
      judgeSilence(
        0,
        [
          [900, 900],
          [3, 3, 3, 3],
        ],
        DETECTOR,
      ).outcome,
    ).toBe('clear')
    expect(judgeSilence(0, [[900, 900]], DETECTOR).outcome).toBe('tooFew')
  })

  test('counts a restless series for less', () => {
    // Median 10, deviations 9, 9, 10, 10: the dispersion is (1.4826·9.5)² ÷ 10 = 19.8.
    expect(judgeSilence(0, [[1, 1, 19, 20]], DETECTOR).outcome).toBe('clear')
  })

  test('adds up over weeks, and goes on until the next event', () => {
    const DAY_MS = 86_400_000
    const [from, silentFrom, silentDays] = [Date.parse('2026-01-05Z'), 70, 120]
    const zone = findTimeZone('UTC')!
    const end = from + (silentFrom + silentDays + 1) * DAY_MS - 1
    const timeline = new Timeline({ granularity: 'day', zone }, { start: from, end })
    const values = new SeriesValues('count')
    for (let day = 0; day < silentFrom; day++) values.set(day, { value: 1 })
    values.set(silentFrom + silentDays, { value: 1 })
    const rule = { detector: { kind: 'silence', expected: 30 }, for: 1, recoverAfter: 1, noData: 'keep' }
    const tracker = new SeriesTracker(rule as unknown as AlertRule)
    const changes = timeline.starts.flatMap((_, index) => {
      const change = tracker.judge({ timeline, values, firstStored: 0 }, index)
      return change ? [[index - silentFrom + 1, change.to]] : []
    })
    // Of four weeks 1 a day is expected, of the fifth 0.5 ÷ 1.099, as half of the references are 0: after 28 + 5 days it is 30.
    expect(changes).toEqual([
      [33, 'firing'],
      [silentDays + 1, 'normal'],
    ])
  })
})
