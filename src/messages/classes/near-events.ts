/** Events of a message that are close to each other in time. */
import type { ClassifiableEvent } from './classifiable-event.ts'

/** Whether one of the instants, which are ascending, is at most `distance` away from `instant`. */
export function isNear(instants: readonly number[], instant: number, distance: number): boolean {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (instants[middle]! < instant - distance) low = middle + 1
    else high = middle
  }
  return low < instants.length && instants[low]! <= instant + distance
}

/** The clicks that have at least `minLinks` distinct links among the clicks at most `distance` milliseconds away. A click without a link adds none. */
export function findBursts(
  clicks: readonly ClassifiableEvent[],
  distance: number,
  minLinks: number,
): ReadonlySet<ClassifiableEvent> {
  const bursts = new Set<ClassifiableEvent>()
  if (clicks.length < minLinks) return bursts
  const sorted = clicks.toSorted((a, b) => a.occurredAt - b.occurredAt)
  // The clicks from `first` to `end` are near the current one; both only move forward.
  const countsByLink = new Map<string, number>()
  let first = 0
  let end = 0
  for (const click of sorted) {
    for (; end < sorted.length && sorted[end]!.occurredAt <= click.occurredAt + distance; end++)
      change(countsByLink, sorted[end]!.inputs.link, 1)
    for (; sorted[first]!.occurredAt < click.occurredAt - distance; first++)
      change(countsByLink, sorted[first]!.inputs.link, -1)
    if (countsByLink.size >= minLinks) bursts.add(click)
  }
  return bursts
}

function change(countsByLink: Map<string, number>, link: string | undefined, difference: 1 | -1): void {
  if (link === undefined) return
  const count = (countsByLink.get(link) ?? 0) + difference
  if (count === 0) countsByLink.delete(link)
  else countsByLink.set(link, count)
}
