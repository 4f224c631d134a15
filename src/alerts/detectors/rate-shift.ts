/**
 * Laney's p′ chart: a p chart whose limits are widened by how much the rate varies from bucket to bucket beyond chance. D. B. Laney, "Improved Control Charts for Attributes",
 * Quality Engineering 14(4), 2002, 531–537.
 */
import { type Direction, type Measurement, NO_DATA, TOO_FEW, type Verdict } from './verdict.ts'

/** Fires when a rate is far from that of the buckets before. */
export interface RateShiftDetector {
  readonly kind: 'rateShift'
  /** The number of standard deviations. */
  readonly z: number
  readonly direction: Direction
}

/** The buckets before that a rate is compared with. */
export const BASE_BUCKETS = 28
/** The mean distance of two values of a normal distribution with the standard deviation 1 (the constant d₂ of moving ranges of two). */
const MEAN_MOVING_RANGE = 1.128
/** A bucket that is expected to have fewer cases is not judged as a shift. */
const MIN_EXPECTED_CASES = 5

/** The centre of the chart, and how much its limits are widened. */
export interface RateBase {
  /** The pooled rate, as a fraction. */
  readonly rate: number
  /** Laney's σ_z, at least 1. */
  readonly sigma: number
}

/** The base of buckets that all have something to divide by, in their order. At least two of them. */
export function rateBaseOf(before: readonly Measurement[]): RateBase {
  const rate = sumOf(before, 'part') / sumOf(before, 'whole')
  if (rate === 0 || rate === 1) return { rate, sigma: 1 }
  const scores = before.map((bucket) => scoreOf(bucket, rate))
  let distance = 0
  for (let i = 1; i < scores.length; i++) distance += Math.abs(scores[i]! - scores[i - 1]!)
  return { rate, sigma: Math.max(1, distance / (scores.length - 1) / MEAN_MOVING_RANGE) }
}

/** `before` are the buckets before this one, in their order, as far as there are any. */
export function judgeRateShift(
  bucket: Measurement,
  before: readonly Measurement[],
  { z, direction }: RateShiftDetector,
): Verdict {
  const { whole = 0 } = bucket
  if (whole === 0) return NO_DATA
  if (before.length < BASE_BUCKETS || before.some((each) => !each.whole)) return TOO_FEW
  const { rate, sigma } = rateBaseOf(before.slice(-BASE_BUCKETS))
  const width = z * sigma * deviationOf(rate, whole)
  const expected = { lower: 100 * Math.max(0, rate - width), upper: 100 * Math.min(1, rate + width) }
  if (rate === 0 || rate === 1) return { outcome: 'clear', expected }
  const score = scoreOf(bucket, rate)
  const isInDirection = direction === 'both' || (direction === 'up' ? score > 0 : score < 0)
  const fires = isInDirection && Math.abs(score) / sigma >= z && whole * rate >= MIN_EXPECTED_CASES
  return { outcome: fires ? 'fires' : 'clear', expected }
}

function deviationOf(rate: number, whole: number): number {
  return Math.sqrt((rate * (1 - rate)) / whole)
}

function scoreOf({ part = 0, whole = 0 }: Measurement, rate: number): number {
  return (part / whole - rate) / deviationOf(rate, whole)
}

function sumOf(buckets: readonly Measurement[], name: 'part' | 'whole'): number {
  return buckets.reduce((sum, bucket) => sum + (bucket[name] ?? 0), 0)
}
