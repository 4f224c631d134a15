import type { Clock } from '../../base/clock.ts'

/** With this many tenants (about 10 MB), all versions are dropped and advanced. */
const MAX_TENANTS = 100_000
/** How long a version is used that no other process has confirmed. */
const UNCONFIRMED_LIFETIME_MS = 1_000

/** The other processes that store events, where there are any. */
export interface VersionPeers {
  isLocal(tenantId: string): boolean
  /** The version of a tenant's data, from the process that stores it; undefined when that does not respond. */
  requestVersion(tenantId: string): Promise<string | undefined>
  /** Announces that all versions have changed. */
  announceAll(): void
}

export interface DataVersionsOptions {
  readonly clock: Clock
  /** Undefined where this process alone writes. Otherwise changes by other tools change a version after this time. */
  readonly validForMs?: number
}

/**
 * The version of each tenant's data: while it stays the same, so does every response. It changes when rows of the tenant were stored, or may have been. The process that stores a
 * tenant's events defines its version; the other processes request it and are notified of each change, so that all have the same. No version is ever used twice, by any process.
 */
export class DataVersions {
  readonly #options: DataVersionsOptions
  readonly #processId = crypto.randomUUID().slice(0, 13)
  /** Those of this process as their counters: an insert advances thousands of them, few of which are asked for. */
  readonly #versions = new Map<string, string | number>()
  /** Requests to other processes that have no response yet, by tenant. */
  readonly #pendingLoads = new Map<string, Promise<void>>()
  #peers: VersionPeers | undefined
  #counter = 0
  /** The counter of tenants whose data has not changed since. */
  #baseCounter = 0
  #timeSlot = 0

  constructor(options: DataVersionsOptions) {
    this.#options = options
  }

  /** From now on other processes store events too. All known versions are dropped. */
  connectPeers(peers: VersionPeers): void {
    this.#peers = peers
    this.forgetAll()
  }

  /** The version of a tenant's data. To be called before a read, so that the read data is at least as new. */
  of(tenantId: string): string {
    const slot = this.#currentTimeSlot()
    return `${this.#known(tenantId) ?? this.#baseVersion(tenantId)}.${slot}`
  }

  /** Requests the version of a tenant whose events another process stores. Undefined when it is known; the promise never rejects. */
  load(tenantId: string): Promise<void> | undefined {
    const peers = this.#peers
    if (!peers || this.#versions.has(tenantId) || peers.isLocal(tenantId)) return undefined
    let pending = this.#pendingLoads.get(tenantId)
    if (!pending) this.#pendingLoads.set(tenantId, (pending = this.#fetch(peers, tenantId)))
    return pending
  }

  /** The version for other processes: without the time slot. */
  ownOf(tenantId: string): string {
    return this.#known(tenantId) ?? `${this.#processId}.${this.#baseCounter}`
  }

  advance(tenantId: string): void {
    if (this.#versions.size >= MAX_TENANTS) this.advanceAll()
    this.#versions.set(tenantId, ++this.#counter)
  }

  advanceAll(): void {
    this.forgetAll()
    this.#peers?.announceAll()
  }

  /** Advances all versions in this process only. */
  forgetAll(): void {
    this.#baseCounter = ++this.#counter
    this.#versions.clear()
    this.#pendingLoads.clear()
  }

  /** Applies changes of another process to the tenants that were requested here. */
  take(versions: Iterable<readonly [tenantId: string, version: string]>): void {
    for (const [tenantId, version] of versions)
      if (this.#versions.has(tenantId) || this.#pendingLoads.has(tenantId)) this.#versions.set(tenantId, version)
  }

  /** Drops the versions of the selected tenants, which are no longer known. */
  forget(isOne: (tenantId: string) => boolean): void {
    this.#baseCounter = ++this.#counter
    for (const tenantId of this.#versions.keys()) if (isOne(tenantId)) this.#versions.delete(tenantId)
    for (const tenantId of this.#pendingLoads.keys()) if (isOne(tenantId)) this.#pendingLoads.delete(tenantId)
  }

  #known(tenantId: string): string | undefined {
    const version = this.#versions.get(tenantId)
    return typeof version === 'number' ? `${this.#processId}.${version}` : version
  }

  async #fetch(peers: VersionPeers, tenantId: string): Promise<void> {
    const request = Promise.resolve().then(() => peers.requestVersion(tenantId))
    const version = await request.catch(() => undefined)
    // The version may have changed, or been dropped, since it was requested.
    if (version !== undefined && this.#pendingLoads.has(tenantId) && !this.#versions.has(tenantId))
      this.#versions.set(tenantId, version)
    this.#pendingLoads.delete(tenantId)
  }

  /** By the wall clock, so that every process is in the same slot and has the same versions. When the clock is set back, slots repeat: the versions made in them are dropped. */
  #currentTimeSlot(): number {
    const { clock, validForMs } = this.#options
    if (validForMs === undefined) return 0
    const slot = Math.floor(clock.now() / validForMs)
    if (slot < this.#timeSlot) this.forgetAll()
    this.#timeSlot = slot
    return slot
  }

  #baseVersion(tenantId: string): string {
    const base = `${this.#processId}.${this.#baseCounter}`
    if (!this.#peers || this.#peers.isLocal(tenantId)) return base
    return `${base}.${Math.floor(this.#options.clock.monotonic() / UNCONFIRMED_LIFETIME_MS)}`
  }
}
