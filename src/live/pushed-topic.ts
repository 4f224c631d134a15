import { matchesLiveQuery, liveEventType } from '../analytics/live-event-counts.ts'
import type { TimeRange } from '../analytics/time/time-range.ts'
import type { EventRow } from '../events/event-row.ts'
import type { SnapshotCoordinator } from './snapshot-coordinator.ts'
import { LiveTopic, type LiveTopicOptions } from './live-topic.ts'
import type { CounterMap } from './counter-map.ts'

export interface PushedTopicOptions extends LiveTopicOptions {
  readonly coordinator: SnapshotCoordinator
}

/** A stream of a tenant whose events this process stores: it receives each event through the snapshot coordinator, which explains why the counts are exact, and reads only its snapshot from the store. */
export class PushedTopic extends LiveTopic {
  readonly #coordinator: SnapshotCoordinator

  constructor({ coordinator, ...options }: PushedTopicOptions) {
    super(options)
    this.#coordinator = coordinator
  }

  override add(row: EventRow): void {
    const range = this.activeRange
    if (range && matchesLiveQuery(row, range, this.options.request.filters))
      this.addToPending(liveEventType(row.event_type), row.channel)
  }

  /** Events that other processes store for such a tenant are found by `verify`. */
  override onStoredElsewhere(): void {}

  override async verify(): Promise<boolean | undefined> {
    const range = this.activeRange
    if (!range) return undefined
    let isDifferent: boolean | undefined
    await this.read(
      range,
      (read) => {
        // The range changed at midnight.
        if (range !== this.activeRange) return
        isDifferent = !this.currentCounts.equals(read)
        if (isDifferent) this.resetFrom(read)
      },
      { mayDelayWriter: false },
    )
    return isDifferent
  }

  protected override read(
    range: TimeRange,
    use: (read: CounterMap) => void,
    how?: { readonly mayDelayWriter: boolean },
  ): Promise<boolean> {
    return this.#coordinator.readSnapshot(this.tenantId, () => this.readCounts(range), use, how)
  }
}
