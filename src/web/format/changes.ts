import { changeOf } from '../../analytics/comparison/changes.ts'
import { messages } from '../messages/messages.ts'
import { numberFormat } from './locale.ts'
import { formatCount, formatPoints, formatRate } from './numbers.ts'

/** The difference between a number and its value in the previous period. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same'
  /** "12.3%", "0.40 pts", "new", or empty without a difference. */
  readonly amount: string
  /** The difference as a sentence. */
  readonly sentence: string
}

export interface ChangeInput {
  readonly current: number
  readonly previous: number
  readonly kind: 'count' | 'rate'
  /** The count that the previous rate was divided by: a rate of nothing is not compared. */
  readonly previousBase?: number | undefined
}

/** Counts differ by a percentage of the previous value, rates by percentage points. A number without anything before it is new. */
export function describeChange({ current, previous, kind, previousBase }: ChangeInput): Change {
  const direction = current > previous ? 'up' : current < previous ? 'down' : 'same'
  const previousText = kind === 'rate' ? formatRate(previous) : formatCount(previous)
  const { change } = messages()
  if (direction === 'same') return { direction, amount: '', sentence: change.same(previousText) }
  const hasComparison = kind === 'rate' ? previousBase !== 0 : previous !== 0
  if (!hasComparison) return { direction, amount: change.new, sentence: change.fromNothing }
  // The calculation of the service, so that the page and the API never disagree.
  const { absolute, percent } = changeOf(current, previous, kind === 'rate')
  const amount =
    percent === null ? change.points(formatPoints(Math.abs(absolute))) : formatPercentChange(Math.abs(percent) / 100)
  const sentence = direction === 'up' ? change.up(amount, previousText) : change.down(amount, previousText)
  return { direction, amount, sentence }
}

/** One decimal below 100%, none above. */
function formatPercentChange(ratio: number): string {
  const digits = ratio < 0.9995 ? 1 : 0
  return numberFormat({ style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }).format(ratio)
}
