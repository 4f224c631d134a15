/**
 * The bounds that a count is expected to stay in, from the counts of comparable buckets: robust estimates of location and spread, and the prediction interval of an overdispersed
 * Poisson count on the scale of its power 2/3, where it is nearly symmetric (Farrington et al., "A Statistical Algorithm for the Early Detection of Outbreaks of Infectious
 * Disease", 1996, equation 3, with the median in place of the regression).
 */

/** Of an even number of values the mean of the middle two. `values` is not empty. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The factor that makes the median of absolute deviations an estimate of the standard deviation of a normal distribution: 1 ÷ Φ⁻¹(3/4). */
const DEVIATION_PER_MAD = 1.4826

/** What is expected of a count. */
export interface Expectation {
  readonly median: number
  /** Variance ÷ mean, at least 1, which is that of a Poisson count. */
  readonly dispersion: number
}

/** `references` is not empty. */
export function expectationOf(references: readonly number[]): Expectation {
  const middle = median(references)
  if (middle === 0) return { median: 0, dispersion: 1 }
  const deviation = DEVIATION_PER_MAD * median(references.map((value) => Math.abs(value - middle)))
  return { median: middle, dispersion: Math.max(1, deviation ** 2 / middle) }
}

export interface CountBounds extends Expectation {
  readonly lower: number
  readonly upper: number
}

/** `z` is the number of standard deviations. `references` is not empty. */
export function countBounds(references: readonly number[], z: number): CountBounds {
  const expectation = expectationOf(references)
  const { median: middle, dispersion } = expectation
  if (middle === 0) return { ...expectation, lower: 0, upper: z ** 2 }
  const width = (2 / 3) * z * Math.sqrt((dispersion * (1 + 1 / references.length)) / middle)
  return {
    ...expectation,
    lower: middle * Math.max(0, 1 - width) ** 1.5,
    upper: middle * (1 + width) ** 1.5,
  }
}
