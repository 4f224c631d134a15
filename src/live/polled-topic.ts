import type { TimeRange } from '../analytics/time/time-range.ts'
import { backoffMs } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LiveClient } from './live-client.ts'
import { LiveTopic, type LiveTopicOptions, MIN_INTERVAL_MS } from './live-topic.ts'
import type { CounterMap } from './counter-map.ts'

/** While the store cannot be asked. */
const RETRY = { firstMs: 1_000, maxMs: 10_000 }

export interface PolledTopicOptions extends LiveTopicOptions {
  readonly logger: Logger
  /** So long after a read comes the next one, told of a change or not; undefined = only when told. */
  readonly pollIntervalMs?: number | undefined
}

/**
 * A stream of a tenant whose events are written elsewhere: it reads its counts again and again, and tells what they have grown by. Reads never overlap, so that each is
 * at least as new as the one before it; a snapshot and the deltas behind it are therefore exactly what the last read said. Counts that shrink (rows were dropped or
 * erased) make it start over. While nobody looks nothing is read.
 */
export class PolledTopic extends LiveTopic {
  readonly #logger: Logger
  readonly #pollIntervalMs: number
  #lastRead: Promise<unknown> = Promise.resolve()
  #lastReadAt = -Infinity
  /** Whether there is news that no read has seen. */
  #hasUnreadChanges = false
  #isPolling = false
  #failures = 0
  #cancelPoll: () => void = () => {}

  constructor({ logger, pollIntervalMs = Infinity, ...options }: PolledTopicOptions) {
    super(options)
    this.#logger = logger
    this.#pollIntervalMs = pollIntervalMs
  }

  /** Its tenant is about to be written elsewhere, or was until now. */
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
      // Another midnight.
      if (range !== this.activeRange) return
      const growth = this.currentCounts.increaseTo(read)
      isDifferent = growth === undefined
      if (growth) for (const { eventType, channel, count } of growth) this.addToPending(eventType, channel, count)
      else this.restartFrom(read)
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
        // The changes that this read was to show have not been seen yet, whoever asked for it.
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
      // Midnight has the snapshot read anew.
      await this.ready
      await this.verify()
      this.#failures = 0
    } catch (error) {
      if (this.#failures++ === 0)
        this.#logger.warn('a live stream cannot be read and is tried again', { tenantId: this.tenantId, error })
      this.#hasUnreadChanges = true
    }
    this.#isPolling = false
    this.#schedulePoll()
  }
}
