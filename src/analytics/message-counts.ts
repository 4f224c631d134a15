/** The columns that count a message's life, shared by every dashboard that shows them, so that two screens never disagree. */
const count = (name: string) => `countIf(event_type = 'message_${name}') AS ${name}`

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

const FOUR = ['sent', 'delivered', 'opened', 'clicked'] as const
const SEVEN = [...FOUR, 'bounced', 'complained', 'unsubscribed'] as const

export const FOUR_COUNTS_SQL = FOUR.map(count).join(', ')
export const SEVEN_COUNTS_SQL = SEVEN.map(count).join(', ')

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
  return {
    sent: a.sent + b.sent,
    delivered: a.delivered + b.delivered,
    opened: a.opened + b.opened,
    clicked: a.clicked + b.clicked,
    bounced: a.bounced + b.bounced,
    complained: a.complained + b.complained,
    unsubscribed: a.unsubscribed + b.unsubscribed,
  }
}
