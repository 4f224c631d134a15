import { type Measurement, NO_DATA, type Verdict } from './verdict.ts'

/** Fires above or below fixed limits. */
export interface ThresholdDetector {
  readonly kind: 'threshold'
  readonly above?: number
  readonly below?: number
  /** While firing, the value has to come down to this. */
  readonly recoverAbove?: number
  /** While firing, the value has to come up to this. */
  readonly recoverBelow?: number
  /** Of a rate: with less than this to divide by there is no verdict. */
  readonly minDenominator?: number
}

/** The limit that ends a firing state by default, as a share of the limit that starts it. */
export const RECOVERY_SHARE = 0.8

export function judgeThreshold(
  { value, whole }: Measurement,
  { above, below, recoverAbove, recoverBelow, minDenominator = 0 }: ThresholdDetector,
  isFiring: boolean,
): Verdict {
  if (value === null || (whole !== undefined && whole < minDenominator)) return NO_DATA
  const upper = isFiring && above !== undefined ? (recoverAbove ?? RECOVERY_SHARE * above) : above
  const lower = isFiring && below !== undefined ? (recoverBelow ?? below / RECOVERY_SHARE) : below
  const fires = (upper !== undefined && value > upper) || (lower !== undefined && value < lower)
  return {
    outcome: fires ? 'fires' : 'clear',
    expected: { ...(lower === undefined ? {} : { lower }), ...(upper === undefined ? {} : { upper }) },
  }
}
