import type { Clock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'

/** A tenant counts as active for this time after a query, so that a tenant with one query after another keeps its share in between. */
const RECENT_MS = 100

interface WaitingQuery<Resource> {
  readonly admit: (resource: Resource) => void
  readonly reject: (message: string) => void
}

interface TenantQueue<Resource> {
  readonly tenantId: string
  inUse: number
  lastActiveAt: number
  readonly waiting: WaitingQuery<Resource>[]
}

export interface QueryAdmissionOptions {
  /** Queries of all tenants. */
  readonly maxWaiting: number
  readonly maxWaitingPerTenant: number
  readonly maxWaitMs: number
  readonly clock: Clock
}

/**
 * Admission control that is fair between tenants. One query runs per resource; a limited number of queries wait for a limited time; all others are rejected with a
 * StoreFailure `overloaded`. Tenants take turns, and the queries of a tenant run in their order.
 *
 * No tenant uses the last resource, which is reserved for the next tenant. A tenant with more running and waiting queries than there are resources is oversubscribed. While other tenants are active it
 * gets an equal share: of all resources if every active tenant is oversubscribed, otherwise of half of them, since an equal share of all would already double the time of a
 * tenant with few queries.
 */
export class QueryAdmission<Resource> {
  readonly #free: Resource[]
  readonly #count: number
  readonly #options: QueryAdmissionOptions
  /** Tenants that are active: running, waiting, or recently so; the least recently active first. */
  readonly #tenants = new Map<string, TenantQueue<Resource>>()
  /** Tenants with waiting queries, in the order of their turns. */
  readonly #waitingTenants = new Set<TenantQueue<Resource>>()
  #waitingCount = 0

  constructor(resources: readonly Resource[], options: QueryAdmissionOptions) {
    this.#free = [...resources]
    this.#count = resources.length
    this.#options = options
  }

  get waitingCount(): number {
    return this.#waitingCount
  }

  /** Rejects with the reason of the signal when it is aborted while the query waits. */
  async run<Result>(
    tenantId: string,
    task: (resource: Resource) => Promise<Result>,
    signal?: AbortSignal,
  ): Promise<Result> {
    signal?.throwIfAborted()
    const tenant = this.#touch(tenantId)
    const resource = await this.#acquire(tenant, signal)
    try {
      return await task(resource)
    } finally {
      tenant.inUse--
      this.#free.push(resource)
      this.#touch(tenantId)
      this.#admitNext()
    }
  }

  #acquire(tenant: TenantQueue<Resource>, signal: AbortSignal | undefined): Resource | Promise<Resource> {
    if (tenant.waiting.length === 0 && tenant.inUse < this.#shareOf(tenant)) {
      const resource = this.#free.pop()
      if (resource !== undefined) {
        tenant.inUse++
        return resource
      }
    }
    return this.#wait(tenant, signal)
  }

  /** The number of resources that the tenant may use now. */
  #shareOf(tenant: TenantQueue<Resource>): number {
    const most = Math.max(1, this.#count - 1)
    if (!this.#isOversubscribed(tenant) || this.#tenants.size === 1) return most
    let oversubscribed = 0
    for (const other of this.#waitingTenants) if (this.#isOversubscribed(other)) oversubscribed++
    const shared = oversubscribed < this.#tenants.size ? this.#count / 2 : this.#count
    return Math.min(most, Math.max(1, Math.floor(shared / this.#tenants.size)))
  }

  #isOversubscribed({ inUse, waiting }: TenantQueue<Resource>): boolean {
    return inUse + waiting.length > this.#count
  }

  /** Removes tenants that are no longer active. */
  #removeIdleTenants(): void {
    const since = this.#options.clock.monotonic() - RECENT_MS
    for (const [tenantId, { inUse, waiting, lastActiveAt }] of this.#tenants) {
      if (lastActiveAt > since) return
      if (inUse === 0 && waiting.length === 0) this.#tenants.delete(tenantId)
    }
  }

  /** Admits the tenant with the longest time since its last turn, unless it already uses its share. */
  #admitNext(): void {
    for (const tenant of this.#waitingTenants) {
      if (this.#free.length === 0) return
      if (tenant.inUse >= this.#shareOf(tenant)) continue
      tenant.inUse++
      tenant.waiting[0]!.admit(this.#free.pop()!)
      // The tenant moves to the end of the order.
      this.#waitingTenants.delete(tenant)
      if (tenant.waiting.length > 0) this.#waitingTenants.add(tenant)
    }
  }

  #wait(tenant: TenantQueue<Resource>, signal: AbortSignal | undefined): Promise<Resource> {
    const { maxWaitingPerTenant, maxWaitMs, clock } = this.#options
    if (tenant.waiting.length >= maxWaitingPerTenant || !this.#evictFromLongestQueue(tenant))
      return Promise.reject(new StoreFailure('overloaded', 'Too many queries are waiting.'))
    return new Promise((resolve, reject) => {
      const dequeue = () => {
        cancel()
        signal?.removeEventListener('abort', onAbort)
        tenant.waiting.splice(tenant.waiting.indexOf(waiting), 1)
        if (tenant.waiting.length === 0) this.#waitingTenants.delete(tenant)
        this.#waitingCount--
      }
      const waiting: WaitingQuery<Resource> = {
        admit(resource) {
          dequeue()
          resolve(resource)
        },
        reject(message) {
          dequeue()
          reject(new StoreFailure('overloaded', message))
        },
      }
      const onAbort = () => {
        dequeue()
        reject(signal!.reason as Error)
      }
      signal?.addEventListener('abort', onAbort)
      const cancel = clock.after(maxWaitMs, () => waiting.reject('Timed out waiting for a connection.'))
      tenant.waiting.push(waiting)
      this.#waitingTenants.add(tenant)
      this.#waitingCount++
    })
  }

  /** When too many queries wait in total, rejects the last query of the longest queue, if that is longer than the queue of this tenant would become. */
  #evictFromLongestQueue(tenant: TenantQueue<Resource>): boolean {
    if (this.#waitingCount < this.#options.maxWaiting) return true
    let longest = tenant
    for (const other of this.#waitingTenants) if (other.waiting.length > longest.waiting.length) longest = other
    if (longest.waiting.length <= tenant.waiting.length + 1) return false
    longest.waiting.at(-1)!.reject('Too many queries are waiting.')
    return true
  }

  #touch(tenantId: string): TenantQueue<Resource> {
    this.#removeIdleTenants()
    const tenant = this.#tenants.get(tenantId) ?? { tenantId, inUse: 0, lastActiveAt: 0, waiting: [] }
    tenant.lastActiveAt = this.#options.clock.monotonic()
    this.#tenants.delete(tenantId)
    this.#tenants.set(tenantId, tenant)
    return tenant
  }
}
