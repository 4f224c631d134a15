/**
 * The limits of a tenant: the rate of its requests, how many of them run at the same time, and a fair share of the event loop. Polls that are answered by 304 from the
 * recent entity tags are not limited.
 */
import type { Granularity } from '../../analytics/time/buckets.ts'
import type { TimeRange } from '../../analytics/time/time-range.ts'
import type { Clock } from '../../base/clock.ts'
import type { Config } from '../../config.ts'
import { LimitFailure } from '../../base/errors.ts'
import type { ServiceMetrics } from '../../base/service-metrics.ts'
import { RequestPacer } from './request-pacer.ts'
import { ConcurrencyLimiter } from './concurrency-limiter.ts'
import { TokenBuckets } from './token-buckets.ts'

export type LimitConfig = Pick<Config, 'tenantRequestsPerSecond' | 'tenantConcurrentRequests'>

/** A tenant that sent nothing for this long may send as many requests at once. */
const BURST_SECONDS = 2
/** A request that does not read the store costs a tenth, but something: it is parsed, authenticated and logged. */
const ADMISSION_TOKENS = 1
const REQUEST_TOKENS = 10
/** This many buckets of a range cost as much as another request. */
const BUCKETS_PER_REQUEST = 1_000
/** This many bytes of a response cost as much as another request. */
const BYTES_PER_REQUEST = 32_768
const MAX_TENANTS = 10_000
/** Requests of a tenant that wait: more than the dashboards of a large team that opens them at the same time. */
const MAX_WAITING = 256
/** Queries that cost more are large: a tenant runs one of them at a time. */
const LARGE_QUERY_COST = 4
const MAX_CONCURRENT_LARGE_QUERIES = 1
const BUCKET_MS: Readonly<Record<Granularity, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 28 * 86_400_000,
}

/** The cost of a query, known before any SQL: one request, and one more for every thousand buckets of the range. */
export function queryCost({ start, end }: TimeRange, granularity: Granularity): number {
  return 1 + Math.floor((end - start) / BUCKET_MS[granularity] / BUCKETS_PER_REQUEST)
}

/** `admit` and `runQuery` reject with a LimitFailure when the tenant exceeds a limit. */
export class TenantLimits {
  readonly #buckets: TokenBuckets | undefined
  readonly #perSecond: number
  readonly #capacity: number
  readonly #pacer: RequestPacer | undefined
  readonly #limiter: ConcurrencyLimiter | undefined
  readonly #largeQueryLimiter: ConcurrencyLimiter | undefined
  readonly #policyHeader: string

  constructor(
    { tenantRequestsPerSecond: requestsPerSecond, tenantConcurrentRequests: concurrentRequests }: LimitConfig,
    { clock, metrics }: { clock: Clock; metrics: ServiceMetrics },
  ) {
    this.#perSecond = requestsPerSecond
    const burst = requestsPerSecond * BURST_SECONDS
    this.#capacity = burst * REQUEST_TOKENS
    const policies: string[] = []
    if (requestsPerSecond > 0) {
      this.#buckets = new TokenBuckets({
        tokensPerSecond: requestsPerSecond * REQUEST_TOKENS,
        capacity: this.#capacity,
        maxBuckets: MAX_TENANTS,
        clock,
      })
      policies.push(`"requests";q=${burst};w=${BURST_SECONDS}`)
    }
    if (concurrentRequests > 0) {
      this.#pacer = new RequestPacer({ unpaced: concurrentRequests, clock })
      this.#limiter = new ConcurrencyLimiter({
        maxConcurrent: concurrentRequests,
        maxWaiting: MAX_WAITING,
        clock,
        waitingGauge: metrics.requestsWaiting,
      })
      this.#largeQueryLimiter = new ConcurrencyLimiter({
        maxConcurrent: Math.min(MAX_CONCURRENT_LARGE_QUERIES, concurrentRequests),
        maxWaiting: MAX_WAITING,
        clock,
      })
      policies.push(`"concurrency";q=${concurrentRequests};qu="concurrent-requests"`)
    }
    this.#policyHeader = policies.join(', ')
  }

  /** Counts a request of the tenant as in progress, until the returned function is called. */
  track(tenantId: string): () => void {
    return this.#pacer?.track(tenantId) ?? (() => {})
  }

  /** Resolves when a tracked request may go on: at once, unless the tenant has many requests in progress. */
  async admit(tenantId: string): Promise<void> {
    await this.#pacer?.wait(tenantId)
    this.#spend(tenantId, ADMISSION_TOKENS)
  }

  /** Runs a query when it is the tenant's turn. `cost` is what `queryCost` returns; no more of it counts than a tenant may spend at once. */
  async runQuery<Result>(tenantId: string, cost: number, task: () => Promise<Result>): Promise<Result> {
    this.#spend(tenantId, Math.min(cost * REQUEST_TOKENS, this.#capacity) - ADMISSION_TOKENS)
    const runLimited = () => (this.#limiter ? this.#limiter.run(tenantId, task) : task())
    return this.#largeQueryLimiter && cost > LARGE_QUERY_COST
      ? this.#largeQueryLimiter.run(tenantId, runLimited)
      : runLimited()
  }

  /**
   * Charges for a response by its size: nothing for a small one. The response is never refused, as its work is done; where it costs more than is left, the tenant's next
   * requests are refused until the rate has made up for it.
   */
  chargeResponse(tenantId: string, byteLength: number): void {
    const tokens = Math.floor(byteLength / BYTES_PER_REQUEST) * REQUEST_TOKENS
    if (tokens > 0) this.#buckets?.spend(tenantId, tokens)
  }

  /** The header fields of draft-ietf-httpapi-ratelimit-headers (version 09 and later): the policies, and what is left of the rate. */
  headers(tenantId: string): Record<string, string> {
    if (this.#policyHeader === '') return {}
    const policy = { 'ratelimit-policy': this.#policyHeader }
    if (!this.#buckets) return policy
    const remaining = Math.max(0, Math.floor(this.#buckets.remaining(tenantId) / REQUEST_TOKENS))
    const fullInSeconds = Math.ceil(this.#buckets.secondsUntil(tenantId, this.#capacity))
    return { ...policy, ratelimit: `"requests";r=${remaining};t=${fullInSeconds}` }
  }

  #spend(tenantId: string, tokens: number): void {
    if (!this.#buckets || this.#buckets.tryTake(tenantId, tokens)) return
    const seconds = this.#buckets.secondsUntil(tenantId, tokens)
    throw new LimitFailure('rate', `Too many requests: the limit is ${this.#perSecond} per second.`, seconds)
  }
}
