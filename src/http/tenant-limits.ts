/**
 * What one tenant may ask of the service: how much a second, and how much at once. Polls that are answered by 304 before anything is looked at never come here.
 */
import type { Granularity } from '../analytics/buckets.ts'
import type { TimeRange } from '../analytics/time-range.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import { LimitFailure } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { TenantPace } from './tenant-pace.ts'
import { TenantTurns } from './tenant-turns.ts'
import { TokenBuckets } from './token-buckets.ts'

export type LimitConfig = Pick<Config, 'tenantRequestsPerSecond' | 'tenantConcurrentRequests'>

/** What was not asked for so long may be asked at once. */
const BURST_SECONDS = 2
/** A request that needs no store is ten times cheaper, but not free: it is still parsed, verified and logged. */
const LOOK_TOKENS = 1
const REQUEST_TOKENS = 10
/** So many buckets cost as much as another request. */
const BUCKETS_A_REQUEST = 1_000
/** So many bytes of a response cost as much as another request. */
const BYTES_A_REQUEST = 32_768
const MAX_TENANTS = 10_000
/** So many of a tenant's requests wait for their turn: more than a crowd of screens that open at once. */
const MAX_WAITING = 256
/** Reads that cost more than this are large: of one tenant, one runs after the other. */
const LARGE_COST = 4
const LARGE_AT_ONCE = 1
const SPAN_MS: Readonly<Record<Granularity, number>> = {
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 28 * 86_400_000,
}

/** What reading costs, known before any SQL: one request, and one more for every thousand buckets. */
export function readCost({ start, end }: TimeRange, granularity: Granularity): number {
  return 1 + Math.floor((end - start) / SPAN_MS[granularity] / BUCKETS_A_REQUEST)
}

/** `look` and `read` reject with a LimitFailure when the tenant asks too much. */
export class TenantLimits {
  readonly #requests: TokenBuckets | undefined
  readonly #perSecond: number
  readonly #capacity: number
  readonly #pace: TenantPace | undefined
  readonly #turns: TenantTurns | undefined
  readonly #largeTurns: TenantTurns | undefined
  readonly #policy: string

  constructor(
    { tenantRequestsPerSecond: requestsPerSecond, tenantConcurrentRequests: concurrentRequests }: LimitConfig,
    { clock, metrics }: { clock: Clock; metrics: Metrics },
  ) {
    this.#perSecond = requestsPerSecond
    const burst = requestsPerSecond * BURST_SECONDS
    this.#capacity = burst * REQUEST_TOKENS
    const policies: string[] = []
    if (requestsPerSecond > 0) {
      this.#requests = new TokenBuckets({
        tokensPerSecond: requestsPerSecond * REQUEST_TOKENS,
        capacity: this.#capacity,
        maxBuckets: MAX_TENANTS,
        clock,
      })
      policies.push(`"requests";q=${burst};w=${BURST_SECONDS}`)
    }
    if (concurrentRequests > 0) {
      this.#pace = new TenantPace({ unpaced: concurrentRequests, clock })
      this.#turns = new TenantTurns({
        atOnce: concurrentRequests,
        maxWaiting: MAX_WAITING,
        clock,
        waiting: metrics.requestsWaiting,
      })
      this.#largeTurns = new TenantTurns({
        atOnce: Math.min(LARGE_AT_ONCE, concurrentRequests),
        maxWaiting: MAX_WAITING,
        clock,
      })
      policies.push(`"concurrency";q=${concurrentRequests};qu="concurrent-requests"`)
    }
    this.#policy = policies.join(', ')
  }

  /** A request of the tenant is there, until what is returned is called. */
  enter(tenantId: string): () => void {
    return this.#pace?.enter(tenantId) ?? (() => {})
  }

  /** Resolves when a request that entered is to be looked at: at once, unless it is one of a crowd. */
  async look(tenantId: string): Promise<void> {
    await this.#pace?.wait(tenantId)
    this.#spend(tenantId, LOOK_TOKENS)
  }

  /** Runs what asks the store when it is the tenant's turn; `cost` is what `readCost` says, of which no more counts than may be asked at once. */
  async read<Result>(tenantId: string, cost: number, task: () => Promise<Result>): Promise<Result> {
    this.#spend(tenantId, Math.min(cost * REQUEST_TOKENS, this.#capacity) - LOOK_TOKENS)
    const inTurn = () => (this.#turns ? this.#turns.run(tenantId, task) : task())
    return this.#largeTurns && cost > LARGE_COST ? this.#largeTurns.run(tenantId, inTurn) : inTurn()
  }

  /**
   * Charges for a response by its size: nothing for a small one. The work is done by then, so it is never refused; where it costs more than is left, the tenant's next
   * requests wait until that is made up for.
   */
  charge(tenantId: string, byteLength: number): void {
    const tokens = Math.floor(byteLength / BYTES_A_REQUEST) * REQUEST_TOKENS
    if (tokens > 0) this.#requests?.spend(tenantId, tokens)
  }

  /** The fields of draft-ietf-httpapi-ratelimit-headers, of version 09 and later: what is allowed, and what is left of it. */
  headers(tenantId: string): Record<string, string> {
    if (this.#policy === '') return {}
    const policy = { 'ratelimit-policy': this.#policy }
    if (!this.#requests) return policy
    const left = Math.max(0, Math.floor(this.#requests.left(tenantId) / REQUEST_TOKENS))
    const fullInSeconds = Math.ceil(this.#requests.secondsUntil(tenantId, this.#capacity))
    return { ...policy, ratelimit: `"requests";r=${left};t=${fullInSeconds}` }
  }

  #spend(tenantId: string, tokens: number): void {
    if (!this.#requests || this.#requests.take(tenantId, tokens)) return
    const seconds = this.#requests.secondsUntil(tenantId, tokens)
    throw new LimitFailure('rate', `Too many requests: the limit is ${this.#perSecond} per second.`, seconds)
  }
}
