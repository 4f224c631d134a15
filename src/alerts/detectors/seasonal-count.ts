import { countBounds } from './count-bounds.ts'
import { type Direction, TOO_FEW, type Verdict } from './verdict.ts'

/** Fires when a count is far from those of the same weekday and hour of the weeks before. */
export interface SeasonalCountDetector {
  readonly kind: 'seasonalCount'
  /** The width of the bounds in standard deviations. */
  readonly z: number
  /** A smaller difference from the median never fires. */
  readonly minChange: number
  /** The same in percent of the median. */
  readonly minChangePercent: number
  readonly direction: Direction
}

/** Fewer references allow no verdict. */
export const MIN_REFERENCES = 4
/** Medians below this many times the dispersion are too small to recognise a drop by: even an empty bucket is nearly usual. */
const MIN_MEDIAN_OF_DROP = 6

export function judgeSeasonalCount(
  count: number,
  references: readonly number[],
  { z, minChange, minChangePercent, direction }: SeasonalCountDetector,
): Verdict {
  if (references.length < MIN_REFERENCES) return TOO_FEW
  const { median, dispersion, lower, upper } = countBounds(references, z)
  const expected = { lower, upper }
  const change = Math.abs(count - median)
  const isFar = change >= minChange && change >= (median * minChangePercent) / 100
  if (isFar && count > upper && direction !== 'down') return { outcome: 'fires', expected }
  if (!isFar || count >= lower || direction === 'up') return { outcome: 'clear', expected }
  return { outcome: median < MIN_MEDIAN_OF_DROP * dispersion ? 'tooFew' : 'fires', expected }
}
