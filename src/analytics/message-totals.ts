/**
 * Messages by what became of them, as numbers: without any SQL, so that the page in the browser counts by the same names.
 */
export const FOUR = ['sent', 'delivered', 'opened', 'clicked'] as const
export const SEVEN = [...FOUR, 'bounced', 'complained', 'unsubscribed'] as const

export interface FourCounts {
  readonly sent: number
  readonly delivered: number
  readonly opened: number
  readonly clicked: number
}

export interface SevenCounts extends FourCounts {
  readonly bounced: number
  readonly complained: number
  readonly unsubscribed: number
}

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] }

export const NO_MESSAGES: SevenCounts = {
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  complained: 0,
  unsubscribed: 0,
}

export function pickFour({ sent, delivered, opened, clicked }: FourCounts): FourCounts {
  return { sent, delivered, opened, clicked }
}

export function pickSeven(counts: SevenCounts): SevenCounts {
  const { bounced, complained, unsubscribed } = counts
  return { ...pickFour(counts), bounced, complained, unsubscribed }
}

export function addSeven(a: SevenCounts, b: SevenCounts): SevenCounts {
  const sums = { ...NO_MESSAGES }
  for (const name of SEVEN) sums[name] = a[name] + b[name]
  return sums
}

/** Adds counts to sums, in place: for many rows. */
export function addToSeven(sums: Mutable<SevenCounts>, counts: SevenCounts): void {
  for (const name of SEVEN) sums[name] += counts[name]
}

/** Whether anything was counted: a roll-up also has groups of other events. */
export function hasMessages(counts: SevenCounts): boolean {
  return SEVEN.some((name) => counts[name] > 0)
}
