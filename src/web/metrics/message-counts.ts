import type { CoreMessageCounts } from '../../analytics/message-counts.ts'

/** The sums of counts of parts that have no message in common. */
export function sumMessageCounts(parts: readonly CoreMessageCounts[]): CoreMessageCounts {
  const sum = (metric: keyof CoreMessageCounts) => parts.reduce((total, part) => total + part[metric], 0)
  return { sent: sum('sent'), delivered: sum('delivered'), opened: sum('opened'), clicked: sum('clicked') }
}
