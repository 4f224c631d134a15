import type { EventItem } from '../../../analytics/drill-down/event-item.ts'

/** The events of a contact that are about one message, run or enrollment. */
export interface ContactGroup {
  readonly kind: string
  readonly id: string
  readonly events: readonly EventItem[]
}

/** The groups of several pages, each with its events of all of them, in the order of their newest events. */
export function joinGroups(groups: readonly ContactGroup[]): ContactGroup[] {
  const parts = Map.groupBy(groups, ({ kind, id }) => `${kind} ${id}`)
  return [...parts.values()].map((same) => ({ ...same[0]!, events: same.flatMap(({ events }) => events) }))
}
