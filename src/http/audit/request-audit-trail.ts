import { whenAborted, type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { AuditedRequest, RequestAuditStore } from '../ports.ts'

/** One insert in so long: an insert is a part. */
const FLUSH_INTERVAL_MS = 5_000
/** What waits for the next insert, some 2 MB; the rest is dropped and counted. */
const MAX_PENDING_ROWS = 4_000
const MAX_COUNTERS = 2_000
/** So many refused credentials between two inserts get rows of their own: a stranger may send any number. */
const MAX_UNAUTHORIZED_ROWS = 20
/** A tally that nobody used for so many inserts is forgotten; whoever holds one gives it up far sooner. */
const IDLE_FLUSHES = 2
const MAX_SUBJECT_CHARACTERS = 128
const UNAUTHORIZED = 401
const NOT_MODIFIED = 304

/** Who asked what and was answered how: what is counted together. */
export type CounterKey = Pick<AuditedRequest, 'tenantId' | 'subject' | 'route' | 'status'>

/** Counts requests that are too many for a row each. */
export interface RequestCounter {
  count: number
}

interface KeyedCounter extends RequestCounter {
  readonly key: CounterKey
  idleFlushes: number
}

export interface RequestAuditTrailOptions {
  readonly store: RequestAuditStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

/**
 * The audit trail on its way to the store: in memory, bounded, written together every few seconds, off every request's path. A row for each request; polls answered by
 * 304, of which there are 100,000 a second, and refused credentials beyond a few are counted by tenant, subject, route and status, one row an insert.
 */
export class RequestAuditTrail {
  readonly #options: RequestAuditTrailOptions
  readonly #counters = new Map<string, KeyedCounter>()
  /** Counts what found no place among the tallies. */
  readonly #overflow: RequestCounter = { count: 0 }
  readonly #stopped = new AbortController()
  #pending: AuditedRequest[] = []
  /** Given to the store, and given again until it is stored. */
  #batch: readonly AuditedRequest[] = []
  #unauthorizedRows = 0
  #running: Promise<void> | undefined

  constructor(options: RequestAuditTrailOptions) {
    this.#options = options
  }

  /** Keeps a request. Never waits, never throws. */
  record(request: Omit<AuditedRequest, 'id' | 'requests'>): void {
    const isUnauthorized = request.status === UNAUTHORIZED
    if (request.status === NOT_MODIFIED || (isUnauthorized && this.#unauthorizedRows >= MAX_UNAUTHORIZED_ROWS)) {
      this.counterFor(request).count++
      return
    }
    if (isUnauthorized) this.#unauthorizedRows++
    if (this.#pending.length >= MAX_PENDING_ROWS) this.#options.metrics.requestAuditDropped.add(1)
    else
      this.#pending.push({
        ...request,
        id: crypto.randomUUID(),
        subject: truncatedSubject(request.subject),
        requests: 1,
      })
  }

  /** Where requests are counted: adding to it is all a request costs. To be asked for anew at least every few seconds. */
  counterFor({ tenantId, subject: fullSubject, route, status }: CounterKey): RequestCounter {
    const subject = truncatedSubject(fullSubject)
    const key = `${tenantId}\n${status}\n${route}\n${subject}`
    let counter = this.#counters.get(key)
    if (!counter) {
      if (this.#counters.size >= MAX_COUNTERS) return this.#overflow
      this.#counters.set(key, (counter = { count: 0, idleFlushes: 0, key: { tenantId, subject, route, status } }))
    }
    counter.idleFlushes = 0
    return counter
  }

  /** Begins to write. What was recorded before has waited. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Writes what waits, unless `deadline` (an abort) comes first. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    if (!this.#running) return
    await Promise.race([this.#running, whenAborted(deadline)])
    const flushRemaining = async () => {
      // What an earlier try left over, then what came since.
      for (let tries = 0; tries < 2 && !deadline.aborted; tries++) await this.flush()
    }
    await Promise.race([flushRemaining(), whenAborted(deadline)])
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
    if (this.#batch.length === 0) this.#batch = this.#takeRows()
    if (this.#batch.length === 0) return
    try {
      await store.append(this.#batch)
      metrics.requestAuditRows.add(this.#batch.length)
      this.#batch = []
    } catch (error) {
      logger.warn('the audit trail could not be written and is tried again', { rows: this.#batch.length, error })
    }
  }

  #takeRows(): AuditedRequest[] {
    const rows = this.#pending
    this.#pending = []
    this.#unauthorizedRows = 0
    this.#options.metrics.requestAuditDropped.add(this.#overflow.count)
    this.#overflow.count = 0
    const requestedAt = this.#options.clock.now()
    for (const [key, counter] of this.#counters) {
      if (counter.count > 0) {
        const counted = { parameters: '', durationMs: 0, correlationId: '', requests: counter.count }
        rows.push({ id: crypto.randomUUID(), requestedAt, ...counter.key, ...counted })
        counter.count = 0
        counter.idleFlushes = 0
      } else if (++counter.idleFlushes >= IDLE_FLUSHES) this.#counters.delete(key)
    }
    return rows
  }
}

/** A subject is text of whoever made the token: of any length, and perhaps no Unicode. */
function truncatedSubject(subject: string): string {
  return subject.slice(0, MAX_SUBJECT_CHARACTERS).toWellFormed()
}
