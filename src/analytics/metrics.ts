/**
 * Messages by what became of them, as numbers: without any SQL, so that the page in the browser counts by the same names.
 */
export const CORE_MESSAGE_METRICS = ['sent', 'delivered', 'opened', 'clicked'] as const
export const MESSAGE_METRICS = [...CORE_MESSAGE_METRICS, 'bounced', 'complained', 'unsubscribed'] as const

export interface CoreMessageCounts {
  readonly sent: number
  readonly delivered: number
  readonly opened: number
  readonly clicked: number
}

export interface MessageCounts extends CoreMessageCounts {
  readonly bounced: number
  readonly complained: number
  readonly unsubscribed: number
}

type Mutable<Counts> = { -readonly [Name in keyof Counts]: Counts[Name] }

export const ZERO_MESSAGE_COUNTS: MessageCounts = {
  sent: 0,
  delivered: 0,
  opened: 0,
  clicked: 0,
  bounced: 0,
  complained: 0,
  unsubscribed: 0,
}

export function pickCoreMessageCounts({ sent, delivered, opened, clicked }: CoreMessageCounts): CoreMessageCounts {
  return { sent, delivered, opened, clicked }
}

export function pickMessageCounts(counts: MessageCounts): MessageCounts {
  const { bounced, complained, unsubscribed } = counts
  return { ...pickCoreMessageCounts(counts), bounced, complained, unsubscribed }
}

export function addMessageCounts(a: MessageCounts, b: MessageCounts): MessageCounts {
  const sums = { ...ZERO_MESSAGE_COUNTS }
  for (const name of MESSAGE_METRICS) sums[name] = a[name] + b[name]
  return sums
}

/** Adds counts to sums, in place: for many rows. */
export function accumulateMessageCounts(sums: Mutable<MessageCounts>, counts: MessageCounts): void {
  for (const name of MESSAGE_METRICS) sums[name] += counts[name]
}

/** Whether anything was counted: a roll-up also has groups of other events. */
export function hasMessages(counts: MessageCounts): boolean {
  return MESSAGE_METRICS.some((name) => counts[name] > 0)
}
