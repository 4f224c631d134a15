import type { LiveCount } from '../analytics/live-counts.ts'

/** Counts by event type and channel that grow. */
export class Tally {
  readonly #cells = new Map<string, { readonly eventType: string; readonly channel: string; count: number }>()

  constructor(counts: Iterable<LiveCount> = []) {
    this.addAll(counts)
  }

  get isEmpty(): boolean {
    return this.#cells.size === 0
  }

  add(eventType: string, channel: string, count = 1): void {
    // No channel holds a line break.
    const key = `${channel}\n${eventType}`
    const cell = this.#cells.get(key)
    if (cell) cell.count += count
    else this.#cells.set(key, { eventType, channel, count })
  }

  addAll(counts: Iterable<LiveCount>): void {
    for (const { eventType, channel, count } of counts) this.add(eventType, channel, count)
  }

  /** By channel, then type: two tallies of the same counts give the same list. */
  counts(): LiveCount[] {
    const keys = [...this.#cells.keys()].toSorted()
    return keys.map((key) => ({ ...this.#cells.get(key)! }))
  }

  equals(other: Tally): boolean {
    if (this.#cells.size !== other.#cells.size) return false
    for (const [key, { count }] of this.#cells) if (other.#cells.get(key)?.count !== count) return false
    return true
  }

  /** What `later` counts more than this; undefined when it counts less of anything. */
  growthTo(later: Tally): LiveCount[] | undefined {
    const growth = new Tally(later.counts())
    for (const [key, { count }] of this.#cells) {
      const cell = growth.#cells.get(key)
      if (!cell || cell.count < count) return undefined
      cell.count -= count
      if (cell.count === 0) growth.#cells.delete(key)
    }
    return growth.counts()
  }
}
