import { aborted, type Clock, sleep } from '../clock.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { AuditedRequest, AuditStore } from './ports.ts'

/** One insert in so long: an insert is a part. */
const FLUSH_INTERVAL_MS = 5_000
/** What waits for the next insert, some 2 MB; the rest is dropped and counted. */
const MAX_WAITING = 4_000
const MAX_TALLIES = 2_000
/** So many refused credentials between two inserts get rows of their own: a stranger may send any number. */
const MAX_REFUSALS = 20
/** A tally that nobody used for so many inserts is forgotten; whoever holds one gives it up far sooner. */
const IDLE_FLUSHES = 2
const MAX_TEXT = 128
const UNAUTHORIZED = 401
const NOT_MODIFIED = 304

/** Who asked what and was answered how: what is counted together. */
export type Tallied = Pick<AuditedRequest, 'tenantId' | 'subject' | 'route' | 'status'>

/** Counts requests that are too many for a row each. */
export interface Tally {
  count: number
}

interface KeptTally extends Tally {
  readonly of: Tallied
  idleFlushes: number
}

export interface AuditTrailOptions {
  readonly store: AuditStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

/**
 * The audit trail on its way to the store: in memory, bounded, written together every few seconds, off every request's path. A row for each request; polls answered by
 * 304, of which there are 100,000 a second, and refused credentials beyond a few are counted by tenant, subject, route and status, one row an insert.
 */
export class AuditTrail {
  readonly #options: AuditTrailOptions
  readonly #tallies = new Map<string, KeptTally>()
  /** Counts what found no place among the tallies. */
  readonly #lost: Tally = { count: 0 }
  readonly #stopped = new AbortController()
  #waiting: AuditedRequest[] = []
  /** Given to the store, and given again until it is stored. */
  #batch: readonly AuditedRequest[] = []
  #refusals = 0
  #running: Promise<void> | undefined

  constructor(options: AuditTrailOptions) {
    this.#options = options
  }

  /** Keeps a request. Never waits, never throws. */
  record(request: Omit<AuditedRequest, 'id' | 'requests'>): void {
    const isRefusal = request.status === UNAUTHORIZED
    if (request.status === NOT_MODIFIED || (isRefusal && this.#refusals >= MAX_REFUSALS)) {
      this.tallyOf(request).count++
      return
    }
    if (isRefusal) this.#refusals++
    if (this.#waiting.length >= MAX_WAITING) this.#options.metrics.auditDropped.add(1)
    else this.#waiting.push({ ...request, id: crypto.randomUUID(), subject: shortened(request.subject), requests: 1 })
  }

  /** Where requests are counted: adding to it is all a request costs. To be asked for anew at least every few seconds. */
  tallyOf({ tenantId, subject: whole, route, status }: Tallied): Tally {
    const subject = shortened(whole)
    const key = `${tenantId}\n${status}\n${route}\n${subject}`
    let tally = this.#tallies.get(key)
    if (!tally) {
      if (this.#tallies.size >= MAX_TALLIES) return this.#lost
      this.#tallies.set(key, (tally = { count: 0, idleFlushes: 0, of: { tenantId, subject, route, status } }))
    }
    tally.idleFlushes = 0
    return tally
  }

  /** Begins to write. What was recorded before has waited. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Writes what waits, unless `deadline` (an abort) comes first. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    if (!this.#running) return
    await Promise.race([this.#running, aborted(deadline)])
    const last = async () => {
      // What an earlier try left over, then what came since.
      for (let tries = 0; tries < 2 && !deadline.aborted; tries++) await this.flush()
    }
    await Promise.race([last(), aborted(deadline)])
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await sleep(this.#options.clock, FLUSH_INTERVAL_MS, signal)
      if (!signal.aborted) await this.flush()
    }
  }

  /** Writes what waits; what cannot be written now waits on. Never rejects. Where it runs twice at once, rows may be written twice: their ids tell. */
  async flush(): Promise<void> {
    const { store, logger, metrics } = this.#options
    if (this.#batch.length === 0) this.#batch = this.#take()
    if (this.#batch.length === 0) return
    try {
      await store.append(this.#batch)
      metrics.auditRows.add(this.#batch.length)
      this.#batch = []
    } catch (error) {
      logger.warn('the audit trail could not be written and is tried again', { rows: this.#batch.length, error })
    }
  }

  #take(): AuditedRequest[] {
    const rows = this.#waiting
    this.#waiting = []
    this.#refusals = 0
    this.#options.metrics.auditDropped.add(this.#lost.count)
    this.#lost.count = 0
    const askedAt = this.#options.clock.now()
    for (const [key, tally] of this.#tallies) {
      if (tally.count > 0) {
        const counted = { parameters: '', durationMs: 0, correlationId: '', requests: tally.count }
        rows.push({ id: crypto.randomUUID(), askedAt, ...tally.of, ...counted })
        tally.count = 0
        tally.idleFlushes = 0
      } else if (++tally.idleFlushes >= IDLE_FLUSHES) this.#tallies.delete(key)
    }
    return rows
  }
}

/** A subject is text of whoever made the token: of any length, and perhaps no Unicode. */
function shortened(subject: string): string {
  return subject.slice(0, MAX_TEXT).toWellFormed()
}
