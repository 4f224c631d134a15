import type { TimeRange } from '../analytics/time/time-range.ts'
import { backoffMs } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LiveClient } from './live-client.ts'
import { LiveTopic, type LiveTopicOptions, MIN_INTERVAL_MS } from './live-topic.ts'
import type { CounterMap } from './counter-map.ts'

/** Backoff while the store cannot be read. */
const RETRY = { firstMs: 1_000, maxMs: 10_000 }

export interface PolledTopicOptions extends LiveTopicOptions {
  readonly logger: Logger
  /** Interval between reads in milliseconds; undefined = only after a reported change. */
  readonly pollIntervalMs?: number | undefined
}

/**
 * A stream of a tenant whose events another process stores: it polls the counts and sends their increases. Reads never overlap, so each is at least as new as the one before, and
 * the snapshot and its deltas add up to exactly the last read. Counts that decrease, after rows were deleted or erased, reset the stream. Without clients nothing is read.
 */
export class PolledTopic extends LiveTopic {
  readonly #logger: Logger
  readonly #pollIntervalMs: number
  #lastRead: Promise<unknown> = Promise.resolve()
  #lastReadAt = -Infinity
  /** Whether a change was reported after the last read started. */
  #hasUnreadChanges = false
  #isPolling = false
  #failures = 0
  #cancelPoll: () => void = () => {}

  constructor({ logger, pollIntervalMs = Infinity, ...options }: PolledTopicOptions) {
    super(options)
    this.#logger = logger
    this.#pollIntervalMs = pollIntervalMs
  }

  /** Called while the tenant is being reassigned: another process stores its events next, or did until now. */
  override add(): void {
    this.onStoredElsewhere()
  }

  override onStoredElsewhere(): void {
    if (this.#hasUnreadChanges) return
    this.#hasUnreadChanges = true
    this.#schedulePoll()
  }

  override join(client: LiveClient, lastEventId: string | undefined): void {
    super.join(client, lastEventId)
    this.#schedulePoll()
  }

  override async verify(): Promise<boolean | undefined> {
    const range = this.activeRange
    if (!range) return undefined
    let isDifferent: boolean | undefined
    await this.read(range, (read) => {
      // The range changed at midnight.
      if (range !== this.activeRange) return
      const increase = this.currentCounts.increaseTo(read)
      isDifferent = increase === undefined
      if (increase) for (const { eventType, channel, count } of increase) this.addToPending(eventType, channel, count)
      else this.resetFrom(read)
    })
    return isDifferent
  }

  override close(): void {
    super.close()
    this.#cancelPoll()
  }

  protected override read(range: TimeRange, use: (read: CounterMap) => void): Promise<boolean> {
    const outcome = this.#lastRead.then(async () => {
      this.#lastReadAt = this.options.clock.monotonic()
      this.#hasUnreadChanges = false
      try {
        use(await this.readCounts(range))
      } catch (error) {
        // The reported changes have not been read yet.
        this.#hasUnreadChanges = true
        this.#schedulePoll()
        throw error
      }
      return true
    })
    this.#lastRead = outcome.catch(() => {})
    return outcome
  }

  #schedulePoll(): void {
    this.#cancelPoll()
    if (this.isClosed || this.#isPolling || this.clients.size === 0) return
    const { clock } = this.options
    const pauseMs = this.#hasUnreadChanges ? MIN_INTERVAL_MS : this.#pollIntervalMs
    if (pauseMs === Infinity) return
    const retryMs = this.#failures === 0 ? 0 : backoffMs(this.#failures - 1, RETRY)
    const waitMs = this.#lastReadAt + Math.max(pauseMs, retryMs) - clock.monotonic()
    this.#cancelPoll = clock.after(Math.max(0, waitMs), () => void this.#poll())
  }

  async #poll(): Promise<void> {
    if (this.clients.size === 0) return
    this.#isPolling = true
    try {
      // At midnight the snapshot is read again.
      await this.ready
      await this.verify()
      this.#failures = 0
    } catch (error) {
      if (this.#failures++ === 0)
        this.#logger.warn('live stream cannot be read; retrying', { tenantId: this.tenantId, error })
      this.#hasUnreadChanges = true
    }
    this.#isPolling = false
    this.#schedulePoll()
  }
}
