/** A step that runs at its due time. Undefined when its scenario ended before. */
export type ScheduledStep<Event> = (at: number) => Event | undefined

/** Scheduled steps by due time (epoch milliseconds); equal times in the order in which they were scheduled. A binary heap. */
export class Timeline<Event> {
  private readonly entries: { dueAt: number; order: number; step: ScheduledStep<Event> }[] = []
  private scheduledCount = 0

  /** The due time of the next step; Infinity when no step is scheduled. */
  get nextDueAt(): number {
    return this.entries[0]?.dueAt ?? Infinity
  }

  schedule(dueAt: number, step: ScheduledStep<Event>): void {
    const entries = this.entries
    const entry = { dueAt, order: this.scheduledCount++, step }
    let position = entries.length
    while (position > 0) {
      const parentPosition = (position - 1) >> 1
      const parent = entries[parentPosition]
      if (!parent || isBefore(parent, entry)) break
      entries[position] = parent
      position = parentPosition
    }
    entries[position] = entry
  }

  /** Removes the next step from the timeline and returns it. */
  takeNext(): ScheduledStep<Event> | undefined {
    const entries = this.entries
    const first = entries[0]
    const last = entries.pop()
    if (!first || !last) return undefined
    if (entries.length === 0) return first.step
    let position = 0
    for (;;) {
      let childPosition = 2 * position + 1
      let child = entries[childPosition]
      if (!child) break
      const sibling = entries[childPosition + 1]
      if (sibling && isBefore(sibling, child)) {
        child = sibling
        childPosition++
      }
      if (isBefore(last, child)) break
      entries[position] = child
      position = childPosition
    }
    entries[position] = last
    return first.step
  }
}

function isBefore(one: { dueAt: number; order: number }, other: { dueAt: number; order: number }): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order)
}
