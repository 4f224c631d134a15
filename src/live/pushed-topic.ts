import { matchesLiveQuery, liveEventType } from '../analytics/live-event-counts.ts'
import type { TimeRange } from '../analytics/time/time-range.ts'
import type { EventRow } from '../events/event-row.ts'
import type { SnapshotCoordinator } from './snapshot-coordinator.ts'
import { LiveTopic, type LiveTopicOptions } from './live-topic.ts'
import type { CounterMap } from './counter-map.ts'

export interface PushedTopicOptions extends LiveTopicOptions {
  readonly coordinator: SnapshotCoordinator
}

/** A stream of a tenant whose events this process writes: it hears of each by the commit line, which says why that adds up, and asks the store for its snapshot only. */
export class PushedTopic extends LiveTopic {
  readonly #coordinator: SnapshotCoordinator

  constructor({ coordinator: line, ...options }: PushedTopicOptions) {
    super(options)
    this.#coordinator = line
  }

  override add(row: EventRow): void {
    const range = this.activeRange
    if (range && matchesLiveQuery(row, range, this.options.request.filters))
      this.addToPending(liveEventType(row.event_type), row.channel)
  }

  /** What others write of such a tenant shows when it is looked at. */
  override onStoredElsewhere(): void {}

  override async verify(): Promise<boolean | undefined> {
    const range = this.activeRange
    if (!range) return undefined
    let isDifferent: boolean | undefined
    await this.read(
      range,
      (read) => {
        // Another midnight.
        if (range !== this.activeRange) return
        isDifferent = !this.currentCounts.equals(read)
        if (isDifferent) this.restartFrom(read)
      },
      { mayHold: false },
    )
    return isDifferent
  }

  protected override read(
    range: TimeRange,
    use: (read: CounterMap) => void,
    how?: { readonly mayHold: boolean },
  ): Promise<boolean> {
    return this.#coordinator.readSnapshot(this.tenantId, () => this.readCounts(range), use, how)
  }
}
