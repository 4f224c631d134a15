/** The changes of numbers between two ranges. Plain calculations, because the page in the browser uses them too. */

export interface Change {
  readonly absolute: number
  /** Null for a rate and where the older number is 0. */
  readonly percent: number | null
}

/** The change of a number; of a rate in points. */
export function changeOf(current: number, older: number, isRate: boolean): Change {
  const absolute = current - older
  if (isRate) return { absolute: rounded(absolute), percent: null }
  return { absolute: thousandths(absolute), percent: older === 0 ? null : rounded((absolute / older) * 100) }
}

/** To 2 decimals. The differences of rates of 2 decimals are not exact as doubles. */
function rounded(value: number): number {
  return Math.round((value + Math.sign(value) * Number.EPSILON) * 100) / 100
}

/** Seconds have 3 decimals, and their differences are not exact as doubles; whole numbers stay as they are. */
function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
