import { isCounted, type LiveCount, type LiveFilters, readLiveCounts } from '../analytics/live-counts.ts'
import type { QueryPort } from '../analytics/query.ts'
import { resolveTimeRange, type TimeRange, type TimeRangeRequest } from '../analytics/time-range.ts'
import type { Clock } from '../clock.ts'
import { ApiFailure } from '../errors.ts'
import type { EventRow } from '../events/row.ts'
import type { Metrics } from '../metrics.ts'
import type { Zone } from '../zone.ts'
import type { CommitLine } from './commit-line.ts'
import type { LiveClient } from './live-client.ts'
import { deltaMessage, type LiveMessage, type ResyncReason } from './live-message.ts'
import { Tally } from './tally.ts'

/** What a client wants to see. */
export interface LiveRequest {
  readonly tenantId: string
  readonly asked: TimeRangeRequest
  readonly zone: Zone
  readonly filters: LiveFilters
}

export const LIVE_PRESET = '1d'
/** Four messages a second at most. */
const MIN_INTERVAL_MS = 250
/** Half a minute at the fastest: whoever was cut off for less goes on where it was. */
const MAX_RECENT = 120

export interface LiveTopicOptions {
  readonly request: LiveRequest
  readonly line: CommitLine
  readonly port: QueryPort
  readonly clock: Clock
  readonly metrics: Metrics
  /** It cannot go on: whoever comes next gets another one. */
  readonly onFailed: (topic: LiveTopic, error: unknown) => void
}

/**
 * One stream of a tenant: all who ask the same share it. It knows its totals, so that a snapshot is read once and further clients cost the store nothing; each message
 * is made once; the last ones are kept for those who come back.
 */
export class LiveTopic {
  readonly clients = new Set<LiveClient>()
  readonly #options: LiveTopicOptions
  /** Names the totals that messages add up to: another one after each snapshot that was read. */
  #epoch = ''
  #sequence = 0
  /** What the last messages added, the newest at the end. */
  #recent: (readonly LiveCount[])[] = []
  #range: TimeRange = { start: 0, end: -1 }
  /** False while a snapshot is read, to which it leaves what is stored meanwhile. */
  #isCounting = false
  #totals = new Tally()
  /** Stored, and not in a message yet. */
  #pending = new Tally()
  #asOf = 0
  #lastFlushAt = -Infinity
  #cancelFlush: (() => void) | undefined
  #cancelMidnight: () => void = () => {}
  #isClosed = false
  /** Rejects when the snapshot cannot be read. */
  ready: Promise<void>

  constructor(options: LiveTopicOptions) {
    this.#options = options
    this.ready = this.#load()
    // Whoever waits for it hears of it.
    this.ready.catch(() => {})
  }

  get tenantId(): string {
    return this.#options.request.tenantId
  }

  /** An event of the tenant was stored. */
  add(row: EventRow): void {
    if (!this.#isCounting || !isCounted(row, this.#range, this.#options.request.filters)) return
    this.#pending.add(row.event_type, row.channel)
    if (this.#cancelFlush) return
    const { clock } = this.#options
    const waitMs = Math.max(0, this.#lastFlushAt + MIN_INTERVAL_MS - clock.now())
    this.#cancelFlush = clock.after(waitMs, () => this.#flush())
  }

  /** Lets a client in once `ready`: behind the message it names, if that is known, else with a snapshot. */
  join(client: LiveClient, lastEventId: string | undefined): void {
    this.clients.add(client)
    if (lastEventId === undefined) return client.push(this.snapshot())
    const missed = this.#behind(lastEventId)
    if (!missed) return client.restart('gone')
    if (missed.length === 0) return
    const sum = new Tally()
    for (const each of missed) sum.addAll(each)
    client.push(deltaMessage(this.#id(), this.#asOf, sum.counts()))
  }

  snapshot(): LiveMessage {
    const { zone } = this.#options.request
    const { start, end } = this.#range
    const data = {
      asOf: new Date(this.#asOf).toISOString(),
      timezone: zone.name,
      range: { start: new Date(start).toISOString(), end: new Date(end).toISOString() },
      counts: this.#totals.counts(),
    }
    return { id: this.#id(), event: 'snapshot', data: JSON.stringify(data) }
  }

  /** Compares what the stream has come to with the store; starts over when they differ. Resolves with whether they do, undefined when it cannot be told now. */
  async verify(): Promise<boolean | undefined> {
    if (!this.#isCounting) return undefined
    const range = this.#range
    let isDifferent: boolean | undefined
    await this.#read(
      range,
      (read) => {
        // Another midnight.
        if (range !== this.#range || !this.#isCounting) return
        const told = new Tally(this.#totals.counts())
        told.addAll(this.#pending.counts())
        isDifferent = !told.equals(read)
        if (isDifferent) this.#begin(range, read, 'uncertain')
      },
      { mayHold: false },
    )
    return isDifferent
  }

  /** Ends every client. */
  close(): void {
    this.#isClosed = true
    this.#isCounting = false
    this.#cancelFlush?.()
    this.#cancelMidnight()
    for (const client of this.clients) client.close()
  }

  async #load(reason?: ResyncReason): Promise<void> {
    const { asked, zone } = this.#options.request
    const range = resolveTimeRange(asked, LIVE_PRESET, zone, this.#options.clock.now())
    this.#isCounting = false
    const isRead = await this.#read(range, (read) => this.#begin(range, read, reason))
    if (!isRead) throw new ApiFailure('UNAVAILABLE', 'The numbers cannot be read right now. Try again shortly.')
  }

  async #read(range: TimeRange, use: (read: Tally) => void, how?: { readonly mayHold: boolean }): Promise<boolean> {
    const { line, port, clock, metrics, request } = this.#options
    return line.readBetween(
      request.tenantId,
      async () => {
        const startedAt = clock.now()
        const counts = await readLiveCounts(port, request.tenantId, range, request.filters)
        metrics.querySeconds.observe((clock.now() - startedAt) / 1000, { dashboard: 'live' })
        return new Tally(counts)
      },
      use,
      how,
    )
  }

  /** Goes on from what was read. */
  #begin(range: TimeRange, read: Tally, reason: ResyncReason | undefined): void {
    if (this.#isClosed) return
    this.#epoch = crypto.randomUUID().slice(0, 13)
    this.#sequence = 0
    this.#recent = []
    this.#range = range
    this.#isCounting = true
    this.#totals = read
    this.#pending = new Tally()
    this.#asOf = this.#options.clock.now()
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    this.#watchMidnight(range)
    if (reason) for (const client of this.clients) client.restart(reason)
  }

  /** A range without an end of its own ends with today. */
  #watchMidnight({ end }: TimeRange): void {
    const { clock, request, onFailed } = this.#options
    this.#cancelMidnight()
    if (request.asked.endDate !== undefined) return
    this.#cancelMidnight = clock.after(Math.max(0, end + 1 - clock.now()), () => {
      this.ready = this.#load('range')
      this.ready.catch((error: unknown) => onFailed(this, error))
    })
  }

  #flush(): void {
    this.#cancelFlush = undefined
    if (this.#pending.isEmpty) return
    const now = this.#options.clock.now()
    const counts = this.#pending.counts()
    this.#totals.addAll(counts)
    this.#sequence++
    this.#asOf = this.#lastFlushAt = now
    const message = deltaMessage(this.#id(), now, counts)
    this.#recent.push(counts)
    this.#pending = new Tally()
    if (this.#recent.length > MAX_RECENT) this.#recent.shift()
    for (const client of this.clients) client.push(message)
  }

  #id(): string {
    return `${this.#epoch}.${this.#sequence}`
  }

  /** What was added behind the message of that id; undefined when nobody knows any more. */
  #behind(lastEventId: string): readonly (readonly LiveCount[])[] | undefined {
    const [epoch, sequence = ''] = lastEventId.split('.', 2)
    const missing = /^\d{1,15}$/.test(sequence) ? this.#sequence - Number(sequence) : -1
    if (epoch !== this.#epoch || missing < 0 || missing > this.#recent.length) return undefined
    return this.#recent.slice(this.#recent.length - missing)
  }
}
