/** What a series has in a bucket. */
export interface Measurement {
  /** A count, a rate in percent, or a median; null where there is none: a rate of nothing, or a median of no values. */
  readonly value: number | null
  /** Of a rate: what it divides. */
  readonly part?: number
  readonly whole?: number
}

/** Measures a rate. */
export function measureRate(part: number, whole: number): Measurement {
  return { value: whole === 0 ? null : (100 * part) / whole, part, whole }
}

/** Why there is no verdict: the bucket has no value, or there are too few others to compare it with. */
export type MissingVerdict = 'noData' | 'tooFew'

/** What a detector says about one bucket. */
export interface Verdict {
  readonly outcome: 'fires' | 'clear' | MissingVerdict
  /** What would have been usual, for people: the values that the bucket had to stay within. */
  readonly expected?: { readonly lower?: number; readonly upper?: number }
}

export const NO_DATA: Verdict = { outcome: 'noData' }
export const TOO_FEW: Verdict = { outcome: 'tooFew' }

/** Directions in which a change counts. */
export const DIRECTIONS = ['both', 'up', 'down'] as const
export type Direction = (typeof DIRECTIONS)[number]
