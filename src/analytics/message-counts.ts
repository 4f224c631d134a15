/** Counts of messages by what became of them. Plain data, because the page in the browser adds them up too. */
import { MESSAGE_METRICS, type MessageMetric } from './metrics.ts'

/** The metrics that every list and series of messages shows. */
export const CORE_MESSAGE_METRICS = ['sent', 'delivered', 'opened', 'clicked'] as const satisfies MessageMetric[]

export type CoreMessageCounts = Readonly<Record<(typeof CORE_MESSAGE_METRICS)[number], number>>
export type MessageCounts = Readonly<Record<MessageMetric, number>>

export const ZERO_MESSAGE_COUNTS = Object.fromEntries(MESSAGE_METRICS.map((name) => [name, 0])) as MessageCounts

export function addMessageCounts(a: MessageCounts, b: MessageCounts): MessageCounts {
  const sums = { ...ZERO_MESSAGE_COUNTS }
  accumulateMessageCounts(sums, a)
  accumulateMessageCounts(sums, b)
  return sums
}

/** Adds counts to sums, in place: for many rows. */
export function accumulateMessageCounts(sums: Record<MessageMetric, number>, counts: MessageCounts): void {
  for (const name of MESSAGE_METRICS) sums[name] += counts[name]
}

/** Whether there is any message: a roll-up also has groups of other events. */
export function hasMessages(counts: MessageCounts): boolean {
  return MESSAGE_METRICS.some((name) => counts[name] > 0)
}
