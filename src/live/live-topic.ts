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

/** The counts that a client subscribes to. */
export interface LiveRequest {
  readonly tenantId: string
  readonly rangeRequest: TimeRangeRequest
  readonly zone: TimeZone
  readonly filters: LiveFilters
}

export const LIVE_PRESET = '1d'
/** Four messages a second at most. */
export const MIN_INTERVAL_MS = 250
/** Thirty seconds at the highest rate: a client that was disconnected for less continues where it was. */
const MAX_RECENT_DELTAS = 120
/** Maximum delay until a wall clock that was set forward past midnight is noticed. */
const MAX_MIDNIGHT_TIMER_MS = 60_000

export interface LiveTopicOptions {
  readonly request: LiveRequest
  readonly port: QueryPort
  readonly clock: Clock
  readonly metrics: ServiceMetrics
  /** Called when the stream cannot continue; the next client gets a new one. */
  readonly onFailed: (topic: LiveTopic, error: unknown) => void
}

/**
 * One stream of a tenant, shared by all clients with equal requests. It keeps its totals, so the snapshot is read once and further clients do not query the store. Each message is
 * created once, and the last deltas are kept for clients that reconnect. The two subclasses differ in where increases come from: `pushed-topic.ts` receives them from the writer of
 * this process, `polled-topic.ts` reads the store.
 */
export abstract class LiveTopic {
  readonly clients = new Set<LiveClient>()
  protected readonly options: LiveTopicOptions
  /** Identifies the snapshot to which deltas are added; changes with each snapshot. */
  #epoch = ''
  #sequence = 0
  /** The counts of the last deltas, the newest last. */
  #recentDeltas: (readonly LiveEventCount[])[] = []
  #range: TimeRange = { start: 0, end: -1 }
  #isCounting = false
  #totals = new CounterMap()
  /** Counts that are in no message yet. */
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

  /** Other processes have stored events of the tenant. */
  abstract onStoredElsewhere(): void

  /** Compares the totals with the store. Resolves with true when they differ, after resetting the stream; undefined when they cannot be compared now. */
  abstract verify(): Promise<boolean | undefined>

  /** Reads the counts of a range, and calls `use` synchronously when they contain exactly the events added so far. Resolves with false when that was not possible. */
  protected abstract read(range: TimeRange, use: (read: CounterMap) => void): Promise<boolean>

  /** Starts reading the snapshot. To be called once. */
  start(): void {
    this.ready = this.#loadSnapshot()
    // A caller that awaits `ready` receives the rejection.
    this.ready.catch(() => {})
  }

  /** Adds a client, after `ready`: it continues after the message that it names, if that is known, otherwise with a snapshot. */
  join(client: LiveClient, lastEventId: string | undefined): void {
    this.clients.add(client)
    if (lastEventId === undefined) return client.push(this.snapshot())
    const missed = this.#deltasAfter(lastEventId)
    if (!missed) return client.resync('gone')
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

  /** Closes every client. */
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

  /** The counted range; undefined while a snapshot is read, which will contain the events stored meanwhile. */
  protected get activeRange(): TimeRange | undefined {
    return this.#isCounting ? this.#range : undefined
  }

  /** The totals including counts that are in no message yet. */
  protected get currentCounts(): CounterMap {
    const counted = new CounterMap(this.#totals.counts())
    counted.addAll(this.#pending.counts())
    return counted
  }

  /** Adds to the next delta. */
  protected addToPending(eventType: string, channel: string, count?: number): void {
    this.#pending.add(eventType, channel, count)
    if (this.#cancelFlush) return
    const { clock } = this.options
    const waitMs = Math.max(0, this.#lastFlushAt + MIN_INTERVAL_MS - clock.monotonic())
    this.#cancelFlush = clock.after(waitMs, () => this.#flush())
  }

  /** Resets the stream to other counts in the store. */
  protected resetFrom(read: CounterMap): void {
    this.#resetTo(this.#range, read, 'uncertain')
  }

  /** The current counts in the store. */
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
    if (!isRead) throw new ApiFailure('UNAVAILABLE', 'The counts cannot be read right now. Try again shortly.')
  }

  /** Restarts the totals with the counts read. */
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
    if (reason) for (const client of this.clients) client.resync(reason)
  }

  /** A range without a given end ends with the current day. */
  #watchMidnight(range: TimeRange): void {
    const { end } = range
    const { clock, request, onFailed } = this.options
    this.#cancelMidnight()
    if (request.rangeRequest.endDate !== undefined) return
    const remainingMs = end + 1 - clock.now()
    // In steps, because the wall clock may be set while the timer runs.
    this.#cancelMidnight = clock.after(Math.min(Math.max(0, remainingMs), MAX_MIDNIGHT_TIMER_MS), () => {
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

  /** The deltas after the message with that id; undefined when it is not known. */
  #deltasAfter(lastEventId: string): readonly (readonly LiveEventCount[])[] | undefined {
    const [epoch, sequence = ''] = lastEventId.split('.', 2)
    const missing = /^\d{1,15}$/.test(sequence) ? this.#sequence - Number(sequence) : -1
    if (epoch !== this.#epoch || missing < 0 || missing > this.#recentDeltas.length) return undefined
    return this.#recentDeltas.slice(this.#recentDeltas.length - missing)
  }
}
