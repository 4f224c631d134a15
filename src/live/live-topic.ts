import { type LiveEventCount, type LiveFilters, readLiveEventCounts } from '../analytics/live-event-counts.ts'
import type { QueryPort } from '../analytics/query/tenant-query.ts'
import { resolveTimeRange, type TimeRange, type TimeRangeRequest } from '../analytics/time/time-range.ts'
import type { Clock } from '../base/clock.ts'
import { ApiFailure } from '../base/errors.ts'
import type { EventRow } from '../events/event-row.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { TimeZone } from '../base/time-zone.ts'
import type { LiveClient } from './live-client.ts'
import { deltaMessage, type LiveMessage, type ResyncReason } from './live-message.ts'
import { CounterMap } from './counter-map.ts'

/** What a client wants to see. */
export interface LiveRequest {
  readonly tenantId: string
  readonly rangeRequest: TimeRangeRequest
  readonly zone: TimeZone
  readonly filters: LiveFilters
}

export const LIVE_PRESET = '1d'
/** Four messages a second at most. */
export const MIN_INTERVAL_MS = 250
/** Half a minute at the fastest: whoever was cut off for less goes on where it was. */
const MAX_RECENT_DELTAS = 120
/** How long a clock that was set forward over midnight can go unnoticed. */
const MAX_MIDNIGHT_TIMER_MS = 60_000

export interface LiveTopicOptions {
  readonly request: LiveRequest
  readonly port: QueryPort
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  /** It cannot go on: whoever comes next gets another one. */
  readonly onFailed: (topic: LiveTopic, error: unknown) => void
}

/**
 * One stream of a tenant: all who ask the same share it. It knows its totals, so that a snapshot is read once and further clients cost the store nothing; each message
 * is made once; the last ones are kept for those who come back. How it comes to know what is added is left to its two kinds: `committed-topic.ts` is told by the writer
 * of this process, `polled-topic.ts` asks the store.
 */
export abstract class LiveTopic {
  readonly clients = new Set<LiveClient>()
  protected readonly options: LiveTopicOptions
  /** Names the totals that messages add up to: another one after each snapshot that was read. */
  #epoch = ''
  #sequence = 0
  /** What the last messages added, the newest at the end. */
  #recentDeltas: (readonly LiveEventCount[])[] = []
  #range: TimeRange = { start: 0, end: -1 }
  #isCounting = false
  #totals = new CounterMap()
  /** Stored, and not in a message yet. */
  #pending = new CounterMap()
  #asOf = 0
  #lastFlushAt = -Infinity
  #cancelFlush: (() => void) | undefined
  #cancelMidnight: () => void = () => {}
  #isClosed = false
  /** Rejects when the snapshot cannot be read. */
  ready: Promise<void> = Promise.resolve()

  constructor(options: LiveTopicOptions) {
    this.options = options
  }

  get tenantId(): string {
    return this.options.request.tenantId
  }

  /** An event of the tenant was stored by this process. */
  abstract add(row: EventRow): void

  /** Another process stored events of the tenant. */
  abstract onStoredElsewhere(): void

  /** Looks what the store says. Resolves with whether it is something else than was told, so that the stream starts over; undefined when it cannot be told now. */
  abstract verify(): Promise<boolean | undefined>

  /** Reads the counts of a range, and calls `use` in one go with what holds exactly what was added so far. Resolves with false when there was no such moment. */
  protected abstract read(range: TimeRange, use: (read: CounterMap) => void): Promise<boolean>

  /** Reads the snapshot. To be called once. */
  start(): void {
    this.ready = this.#loadSnapshot()
    // Whoever waits for it hears of it.
    this.ready.catch(() => {})
  }

  /** Lets a client in once `ready`: behind the message it names, if that is known, else with a snapshot. */
  join(client: LiveClient, lastEventId: string | undefined): void {
    this.clients.add(client)
    if (lastEventId === undefined) return client.push(this.snapshot())
    const missed = this.#deltasAfter(lastEventId)
    if (!missed) return client.restart('gone')
    if (missed.length === 0) return
    const sum = new CounterMap()
    for (const each of missed) sum.addAll(each)
    client.push(deltaMessage(this.#messageId(), this.#asOf, sum.counts()))
  }

  snapshot(): LiveMessage {
    const { zone } = this.options.request
    const { start, end } = this.#range
    const data = {
      asOf: new Date(this.#asOf).toISOString(),
      timezone: zone.name,
      range: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
      counts: this.#totals.counts(),
    }
    return { id: this.#messageId(), event: 'snapshot', data: JSON.stringify(data) }
  }

  /** Ends every client. */
  close(): void {
    this.#isClosed = true
    this.#isCounting = false
    this.#cancelFlush?.()
    this.#cancelMidnight()
    for (const client of this.clients) client.close()
  }

  protected get isClosed(): boolean {
    return this.#isClosed
  }

  /** The range that is counted; undefined while a snapshot is read, to which is left what is stored meanwhile. */
  protected get activeRange(): TimeRange | undefined {
    return this.#isCounting ? this.#range : undefined
  }

  /** What was told and what is about to be. */
  protected get currentCounts(): CounterMap {
    const counted = new CounterMap(this.#totals.counts())
    counted.addAll(this.#pending.counts())
    return counted
  }

  /** Counts what was added, into the next message. */
  protected addToPending(eventType: string, channel: string, count?: number): void {
    this.#pending.add(eventType, channel, count)
    if (this.#cancelFlush) return
    const { clock } = this.options
    const waitMs = Math.max(0, this.#lastFlushAt + MIN_INTERVAL_MS - clock.monotonic())
    this.#cancelFlush = clock.after(waitMs, () => this.#flush())
  }

  /** The store turned out to hold something else. */
  protected restartFrom(read: CounterMap): void {
    this.#resetTo(this.#range, read, 'uncertain')
  }

  /** What the store says now. */
  protected async readCounts(range: TimeRange): Promise<CounterMap> {
    const { port, clock, metrics, request } = this.options
    const startedAt = clock.monotonic()
    const counts = await readLiveEventCounts(port, request.tenantId, range, request.filters)
    metrics.querySeconds.observe((clock.monotonic() - startedAt) / 1000, { dashboard: 'live' })
    return new CounterMap(counts)
  }

  async #loadSnapshot(reason?: ResyncReason): Promise<void> {
    const { rangeRequest, zone } = this.options.request
    const range = resolveTimeRange(rangeRequest, LIVE_PRESET, zone, this.options.clock.now())
    this.#isCounting = false
    const isRead = await this.read(range, (read) => this.#resetTo(range, read, reason))
    if (!isRead) throw new ApiFailure('UNAVAILABLE', 'The numbers cannot be read right now. Try again shortly.')
  }

  /** Goes on from what was read. */
  #resetTo(range: TimeRange, read: CounterMap, reason: ResyncReason | undefined): void {
    if (this.#isClosed) return
    this.#epoch = crypto.randomUUID().slice(0, 13)
    this.#sequence = 0
    this.#recentDeltas = []
    this.#range = range
    this.#isCounting = true
    this.#totals = read
    this.#pending = new CounterMap()
    this.#asOf = this.options.clock.now()
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    this.#watchMidnight(range)
    if (reason) for (const client of this.clients) client.restart(reason)
  }

  /** A range without an end of its own ends with today. */
  #watchMidnight(range: TimeRange): void {
    const { end } = range
    const { clock, request, onFailed } = this.options
    this.#cancelMidnight()
    if (request.rangeRequest.endDate !== undefined) return
    const leftMs = end + 1 - clock.now()
    // In steps, as the wall clock may be set while the timer runs.
    this.#cancelMidnight = clock.after(Math.min(Math.max(0, leftMs), MAX_MIDNIGHT_TIMER_MS), () => {
      if (clock.now() <= end) return this.#watchMidnight(range)
      this.ready = this.#loadSnapshot('range')
      this.ready.catch((error: unknown) => onFailed(this, error))
    })
  }

  #flush(): void {
    this.#cancelFlush = undefined
    if (this.#pending.isEmpty) return
    const now = this.options.clock.now()
    const counts = this.#pending.counts()
    this.#totals.addAll(counts)
    this.#sequence++
    this.#asOf = now
    this.#lastFlushAt = this.options.clock.monotonic()
    const message = deltaMessage(this.#messageId(), now, counts)
    this.#recentDeltas.push(counts)
    this.#pending = new CounterMap()
    if (this.#recentDeltas.length > MAX_RECENT_DELTAS) this.#recentDeltas.shift()
    for (const client of this.clients) client.push(message)
  }

  #messageId(): string {
    return `${this.#epoch}.${this.#sequence}`
  }

  /** What was added behind the message of that id; undefined when nobody knows any more. */
  #deltasAfter(lastEventId: string): readonly (readonly LiveEventCount[])[] | undefined {
    const [epoch, sequence = ''] = lastEventId.split('.', 2)
    const missing = /^\d{1,15}$/.test(sequence) ? this.#sequence - Number(sequence) : -1
    if (epoch !== this.#epoch || missing < 0 || missing > this.#recentDeltas.length) return undefined
    return this.#recentDeltas.slice(this.#recentDeltas.length - missing)
  }
}
