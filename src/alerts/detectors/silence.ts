import { expectationOf } from './count-bounds.ts'
import { MIN_REFERENCES } from './seasonal-count.ts'
import { TOO_FEW, type Verdict } from './verdict.ts'

/**
 * Fires when nothing happens while something should: when the events that were to be expected since the last one reach a number. Of a Poisson process the probability of no event
 * is e to the minus the expected number, so that the default of 7 is a chance of about 1 in 1,000.
 */
export interface SilenceDetector {
  readonly kind: 'silence'
  readonly expected: number
}

export const SILENT: Verdict = { outcome: 'fires', expected: { lower: 1 } }

/**
 * Judges a bucket by the references of each empty bucket since the last event, from this one backwards; none where the bucket is not empty. They are read only until the number
 * is reached.
 */
export function judgeSilence(
  count: number,
  referencesOfEmptyBuckets: Iterable<readonly number[]>,
  { expected }: SilenceDetector,
): Verdict {
  if (count > 0) return { outcome: 'clear' }
  let sum = 0
  let isKnown = false
  for (const references of referencesOfEmptyBuckets) {
    if (references.length < MIN_REFERENCES) continue
    isKnown = true
    const { median, dispersion } = expectationOf(references)
    sum += median / dispersion
    if (sum >= expected) return SILENT
  }
  return isKnown ? { outcome: 'clear' } : TOO_FEW
}
