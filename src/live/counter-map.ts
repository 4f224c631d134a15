import type { LiveEventCount } from '../analytics/live-event-counts.ts'

/** Counts by event type and channel. */
export class CounterMap {
  readonly #counters = new Map<string, { readonly eventType: string; readonly channel: string; count: number }>()

  constructor(counts: Iterable<LiveEventCount> = []) {
    this.addAll(counts)
  }

  get isEmpty(): boolean {
    return this.#counters.size === 0
  }

  add(eventType: string, channel: string, count = 1): void {
    // No channel contains a line break.
    const key = `${channel}\n${eventType}`
    const counter = this.#counters.get(key)
    if (counter) counter.count += count
    else this.#counters.set(key, { eventType, channel, count })
  }

  addAll(counts: Iterable<LiveEventCount>): void {
    for (const { eventType, channel, count } of counts) this.add(eventType, channel, count)
  }

  /** Sorted by channel and event type, so that equal counts return equal lists. */
  counts(): LiveEventCount[] {
    const keys = [...this.#counters.keys()].toSorted()
    return keys.map((key) => ({ ...this.#counters.get(key)! }))
  }

  equals(other: CounterMap): boolean {
    if (this.#counters.size !== other.#counters.size) return false
    for (const [key, { count }] of this.#counters) if (other.#counters.get(key)?.count !== count) return false
    return true
  }

  /** The differences from this map to `later`; undefined when any count is lower there. */
  increaseTo(later: CounterMap): LiveEventCount[] | undefined {
    const increase = new CounterMap(later.counts())
    for (const [key, { count }] of this.#counters) {
      const counter = increase.#counters.get(key)
      if (!counter || counter.count < count) return undefined
      counter.count -= count
      if (counter.count === 0) increase.#counters.delete(key)
    }
    return increase.counts()
  }
}
