import { isCounted, liveEventType } from '../analytics/live-counts.ts'
import type { TimeRange } from '../analytics/time-range.ts'
import type { EventRow } from '../events/row.ts'
import type { CommitLine } from './commit-line.ts'
import { LiveTopic, type LiveTopicOptions } from './live-topic.ts'
import type { Tally } from './tally.ts'

export interface CommittedTopicOptions extends LiveTopicOptions {
  readonly line: CommitLine
}

/** A stream of a tenant whose events this process writes: it hears of each by the commit line, which says why that adds up, and asks the store for its snapshot only. */
export class CommittedTopic extends LiveTopic {
  readonly #line: CommitLine

  constructor({ line, ...options }: CommittedTopicOptions) {
    super(options)
    this.#line = line
  }

  override add(row: EventRow): void {
    const range = this.countedRange
    if (range && isCounted(row, range, this.options.request.filters))
      this.count(liveEventType(row.event_type), row.channel)
  }

  /** What others write of such a tenant shows when it is looked at. */
  override changed(): void {}

  override async verify(): Promise<boolean | undefined> {
    const range = this.countedRange
    if (!range) return undefined
    let isDifferent: boolean | undefined
    await this.read(
      range,
      (read) => {
        // Another midnight.
        if (range !== this.countedRange) return
        isDifferent = !this.counted.equals(read)
        if (isDifferent) this.startOver(read)
      },
      { mayHold: false },
    )
    return isDifferent
  }

  protected override read(
    range: TimeRange,
    use: (read: Tally) => void,
    how?: { readonly mayHold: boolean },
  ): Promise<boolean> {
    return this.#line.readBetween(this.tenantId, () => this.readCounts(range), use, how)
  }
}
