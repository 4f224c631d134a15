import { binomialTail } from './binomial-tail.ts'
import type { Measurement, Verdict } from './verdict.ts'

/** Fires when so many of the whole would hardly be chance at the rate `p0`: for rates such as that of complaints, where a few cases are a high rate of a small whole. */
export interface RareRateDetector {
  readonly kind: 'rareRate'
  /** The rate that is acceptable, as a fraction. */
  readonly p0: number
  /** The probability of a false alarm at exactly that rate. */
  readonly alpha: number
  /** A smaller whole never fires. */
  readonly minDenominator: number
  /** A smaller part never fires. */
  readonly minCount: number
}

export function judgeRareRate(
  { part = 0, whole = 0 }: Measurement,
  { p0, alpha, minDenominator, minCount }: RareRateDetector,
): Verdict {
  const fires = whole >= minDenominator && part >= minCount && binomialTail(part, whole, p0) <= alpha
  return { outcome: fires ? 'fires' : 'clear', expected: { upper: 100 * p0 } }
}
