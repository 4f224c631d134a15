/** What happens at a planned instant; nothing, when the story was over before its time came. */
export type ScheduledStep<Happening> = (at: number) => Happening | undefined

/** Planned steps, handed out by due time (epoch milliseconds); equal times in the order they were planned. A binary heap. */
export class Timeline<Happening> {
  private readonly entries: { dueAt: number; order: number; step: ScheduledStep<Happening> }[] = []
  private scheduledCount = 0

  /** Due time of the next step; Infinity when nothing is planned. */
  get nextDueAt(): number {
    return this.entries[0]?.dueAt ?? Infinity
  }

  schedule(dueAt: number, step: ScheduledStep<Happening>): void {
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

  /** Takes the next step off the timeline. */
  takeNext(): ScheduledStep<Happening> | undefined {
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
