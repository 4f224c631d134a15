import { whenAborted, type Clock, sleep } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import type { AuditedRequest, RequestAuditStore } from '../ports.ts'

/** Time between two inserts: each insert makes a part in the store. */
const FLUSH_INTERVAL_MS = 5_000
/** Rows that wait for the next insert, about 2 MB; further rows are dropped and counted. */
const MAX_PENDING_ROWS = 4_000
const MAX_COUNTERS = 2_000
/** Requests with refused credentials that get a row of their own between two inserts: anyone may send any number of them. */
const MAX_UNAUTHORIZED_ROWS = 20
const MAX_SUBJECT_CHARACTERS = 128
const UNAUTHORIZED = 401
const NOT_MODIFIED = 304

/** Counts requests that are equal in these fields, of which there are too many for a row each. */
interface RequestCounter extends Pick<AuditedRequest, 'tenantId' | 'subject' | 'route' | 'status'> {
  requests: number
}

export interface RequestAuditTrailOptions {
  readonly store: RequestAuditStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
}

/**
 * The audit trail of requests. Rows wait in bounded memory and are written together every few seconds, so that no request waits for them. Each request gets a row, except polls
 * that are answered by 304 (thousands per second) and refused credentials beyond a few: these are counted by tenant, subject, route and status, one row per insert.
 */
export class RequestAuditTrail {
  readonly #options: RequestAuditTrailOptions
  /** Since the last insert. */
  readonly #counters = new Map<string, RequestCounter>()
  readonly #stopped = new AbortController()
  #pending: AuditedRequest[] = []
  /** The rows that are being written; the write is repeated until it succeeds. */
  #batch: readonly AuditedRequest[] = []
  #unauthorizedRows = 0
  #running: Promise<void> | undefined

  constructor(options: RequestAuditTrailOptions) {
    this.#options = options
  }

  /** Adds a request. Never waits, never throws. */
  record(request: Omit<AuditedRequest, 'id' | 'requests'>): void {
    const isUnauthorized = request.status === UNAUTHORIZED
    if (request.status === NOT_MODIFIED || (isUnauthorized && this.#unauthorizedRows >= MAX_UNAUTHORIZED_ROWS)) {
      this.#count(request)
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

  #count({ tenantId, subject: fullSubject, route, status }: Omit<RequestCounter, 'requests'>): void {
    const subject = truncatedSubject(fullSubject)
    const key = `${tenantId}\n${status}\n${route}\n${subject}`
    const counter = this.#counters.get(key)
    if (counter) counter.requests++
    else if (this.#counters.size >= MAX_COUNTERS) this.#options.metrics.requestAuditDropped.add(1)
    else this.#counters.set(key, { tenantId, subject, route, status, requests: 1 })
  }

  /** Starts to write, including the rows that were recorded before. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** Writes the waiting rows, unless `deadline` aborts first. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    if (!this.#running) return
    await Promise.race([this.#running, whenAborted(deadline)])
    const flushRemaining = async () => {
      // First the batch of an earlier failed write, then the rows recorded since.
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

  /** Writes the waiting rows; rows that cannot be written now keep waiting. Never rejects. When it runs twice at the same time, rows may be written twice, with the same ids. */
  async flush(): Promise<void> {
    const { store, logger, metrics } = this.#options
    if (this.#batch.length === 0) this.#batch = this.#takeRows()
    if (this.#batch.length === 0) return
    try {
      await store.append(this.#batch)
      metrics.requestAuditRows.add(this.#batch.length)
      this.#batch = []
    } catch (error) {
      logger.warn('the audit trail could not be written; retrying', { rows: this.#batch.length, error })
    }
  }

  #takeRows(): AuditedRequest[] {
    const rows = this.#pending
    this.#pending = []
    this.#unauthorizedRows = 0
    const requestedAt = this.#options.clock.now()
    for (const counter of this.#counters.values())
      rows.push({ id: crypto.randomUUID(), requestedAt, ...counter, parameters: '', durationMs: 0, correlationId: '' })
    this.#counters.clear()
    return rows
  }
}

/** A subject is text of the issuer of the token: of any length, and possibly invalid Unicode. */
function truncatedSubject(subject: string): string {
  return subject.slice(0, MAX_SUBJECT_CHARACTERS).toWellFormed()
}
