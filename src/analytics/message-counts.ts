/**
 * The columns that count a message's life, shared by every dashboard that shows them, so that two screens never disagree. Spelled as in the projections.
 */
const count = (name: string) => `countIf(event_type = 'message_${name}') AS ${name}`
const campaignCount = (name: string) => `countIf(event_type = 'message_${name}' AND campaign_id IS NOT NULL) AS ${name}`
const sum = (name: string) => `sum(${name}) AS ${name}`
const sumOfType = (name: string) => `sumIf(events, event_type = 'message_${name}') AS ${name}`

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

export const FOUR = ['sent', 'delivered', 'opened', 'clicked'] as const
const SEVEN = [...FOUR, 'bounced', 'complained', 'unsubscribed'] as const

export const SENT_COUNT_SQL = count('sent')
/** Out of counts by type, each named `events`. */
export const FOUR_OF_TYPES_SQL = FOUR.map(sumOfType).join(', ')
export const FOUR_CAMPAIGN_COUNTS_SQL = FOUR.map(campaignCount).join(', ')
export const SEVEN_COUNTS_SQL = SEVEN.map(count).join(', ')

/** Sums of the counts, under the same names. */
export const FOUR_SUMS_SQL = FOUR.map(sum).join(', ')

/** Every message event: listed one by one, since the table is ordered by event type. */
export const IS_MESSAGE_SQL = `event_type IN (${SEVEN.map((name) => `'message_${name}'`).join(', ')})`

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

/** Whether anything was counted: a roll-up also has groups of other events. */
export function hasMessages(counts: SevenCounts): boolean {
  return SEVEN.some((name) => counts[name] > 0)
}
