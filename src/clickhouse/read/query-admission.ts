import { type Clock } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'

/** A party that ran something so shortly ago counts as running still: whoever asks one thing after the other keeps its share in between. */
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
  /** Of all parties. */
  readonly maxWaiting: number
  readonly maxWaitingPerTenant: number
  readonly maxWaitMs: number
  readonly clock: Clock
}

/**
 * Admission control, fair over parties (tenants): as many callers run at once as there are resources, a bounded number wait a bounded time, the rest are refused with a
 * StoreFailure `overloaded`. Parties take turns, each in its own order. The last resource is kept for whoever comes next; and a crowd, a party that wants more at once than there is, gets
 * an even share while others are there: of half of all while one of them wants less, since for that one an even share would already be twice the time.
 */
export class QueryAdmission<Resource> {
  readonly #free: Resource[]
  readonly #count: number
  readonly #options: QueryAdmissionOptions
  /** Those that hold, wait, or did so a moment ago: the one seen longest ago first. */
  readonly #tenants = new Map<string, TenantQueue<Resource>>()
  /** Those that wait, the next one first. */
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

  async run<Result>(tenantId: string, task: (resource: Resource) => Promise<Result>): Promise<Result> {
    const tenant = this.#touch(tenantId)
    const resource = await this.#acquire(tenant)
    try {
      return await task(resource)
    } finally {
      tenant.inUse--
      this.#free.push(resource)
      this.#touch(tenantId)
      this.#admitNext()
    }
  }

  #acquire(tenant: TenantQueue<Resource>): Resource | Promise<Resource> {
    if (tenant.waiting.length === 0 && tenant.inUse < this.#shareOf(tenant)) {
      const resource = this.#free.pop()
      if (resource !== undefined) {
        tenant.inUse++
        return resource
      }
    }
    return this.#wait(tenant)
  }

  /** How many resources a party may hold now. */
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

  /** Those gone for longer than a moment are there no more. */
  #removeIdleTenants(): void {
    const since = this.#options.clock.monotonic() - RECENT_MS
    for (const [tenantId, { inUse, waiting, lastActiveAt }] of this.#tenants) {
      if (lastActiveAt > since) return
      if (inUse === 0 && waiting.length === 0) this.#tenants.delete(tenantId)
    }
  }

  /** Whoever waits longest without a turn comes first, unless it holds its share. */
  #admitNext(): void {
    for (const tenant of this.#waitingTenants) {
      if (this.#free.length === 0) return
      if (tenant.inUse >= this.#shareOf(tenant)) continue
      tenant.inUse++
      tenant.waiting[0]!.admit(this.#free.pop()!)
      // To the end, behind those that had no turn yet.
      this.#waitingTenants.delete(tenant)
      if (tenant.waiting.length > 0) this.#waitingTenants.add(tenant)
    }
  }

  #wait(tenant: TenantQueue<Resource>): Promise<Resource> {
    const { maxWaitingPerTenant, maxWaitMs, clock } = this.#options
    if (tenant.waiting.length >= maxWaitingPerTenant || !this.#evictFromLongestQueue(tenant))
      return Promise.reject(new StoreFailure('overloaded', 'Too many queries are waiting.'))
    return new Promise((resolve, reject) => {
      const dequeue = () => {
        cancel()
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
      const cancel = clock.after(maxWaitMs, () => waiting.reject('The query waited too long for its turn.'))
      tenant.waiting.push(waiting)
      this.#waitingTenants.add(tenant)
      this.#waitingCount++
    })
  }

  /** Where too many wait altogether, the last one of the longest queue goes, if that is longer than the party's own would be. */
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
