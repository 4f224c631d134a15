/** What the live stream says of one kind of event in one channel. */
export interface LiveCount {
  readonly eventType: string
  readonly channel: string
  readonly count: number
}

export const MESSAGE_OUTCOMES = [
  'sent',
  'delivered',
  'opened',
  'clicked',
  'bounced',
  'complained',
  'unsubscribed',
] as const
/** Messages by what became of them. */
export type MessageTotals = Readonly<Record<(typeof MESSAGE_OUTCOMES)[number], number>>

export const NO_MESSAGES: MessageTotals = {
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  complained: 0,
  unsubscribed: 0,
}

/** Adds what the stream counted to totals of messages; events of other kinds change nothing here. */
export function addLiveCounts(totals: MessageTotals, counts: readonly LiveCount[]): MessageTotals {
  const sum = { ...totals }
  for (const { eventType, count } of counts) {
    const outcome = MESSAGE_OUTCOMES.find((each) => eventType === `message_${each}`)
    if (outcome) sum[outcome] += count
  }
  return sum
}
