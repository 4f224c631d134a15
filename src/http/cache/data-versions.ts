import type { Clock } from '../../base/clock.ts'

/** When so many tenants are told apart, all of them are forgotten and the count begins anew: some 10 MB. */
const MAX_TENANTS = 100_000
/** A version that nobody vouches for is good for so long. */
const UNCONFIRMED_LIFETIME_MS = 1_000

/** The other processes that store events, where there are any. */
export interface VersionPeers {
  isLocal(tenantId: string): boolean
  /** The version of a tenant's data by the process that stores it; undefined when it cannot be told now. */
  requestVersion(tenantId: string): Promise<string | undefined>
  /** All versions have moved. */
  announceAll(): void
}

export interface DataVersionsOptions {
  readonly clock: Clock
  /** Undefined where this process alone writes. What tools write beside the service shows in a version after so long. */
  readonly validForMs?: number
}

/**
 * The version of each tenant's data: while it stays the same, so does every answer. It moves when rows of the tenant were stored, or may have been. Whoever stores a
 * tenant's events says what its version is; the others ask, and hear of each move, so that all give the same. Versions of one process never come again in another.
 */
export class DataVersions {
  readonly #options: DataVersionsOptions
  readonly #processId = crypto.randomUUID().slice(0, 13)
  readonly #versions = new Map<string, string>()
  /** Tenants that were asked for and not told yet. */
  readonly #pendingLoads = new Map<string, Promise<void>>()
  #peers: VersionPeers | undefined
  #counter = 0
  /** Of tenants that have not moved since. */
  #baseCounter = 0
  #timeSlot = 0

  constructor(options: DataVersionsOptions) {
    this.#options = options
  }

  /** From now on others store events too. All that is known of their tenants is forgotten. */
  connectPeers(peers: VersionPeers): void {
    this.#peers = peers
    this.forgetAll()
  }

  /** Ask before reading: what is read then is at least as new. */
  of(tenantId: string): string {
    const slot = this.#currentTimeSlot()
    return `${this.#versions.get(tenantId) ?? this.#baseVersion(tenantId)}.${slot}`
  }

  /** Finds out what the version of a tenant is that others store. Resolves in any case; at once for what is known. */
  load(tenantId: string): Promise<void> | undefined {
    const peers = this.#peers
    if (!peers || this.#versions.has(tenantId) || peers.isLocal(tenantId)) return undefined
    let pending = this.#pendingLoads.get(tenantId)
    if (!pending) this.#pendingLoads.set(tenantId, (pending = this.#fetch(peers, tenantId)))
    return pending
  }

  /** What others are told who ask: no slot of time is in it. */
  ownOf(tenantId: string): string {
    return this.#versions.get(tenantId) ?? `${this.#processId}.${this.#baseCounter}`
  }

  advance(tenantId: string): void {
    if (this.#versions.size >= MAX_TENANTS) this.advanceAll()
    this.#versions.set(tenantId, `${this.#processId}.${++this.#counter}`)
  }

  advanceAll(): void {
    this.forgetAll()
    this.#peers?.announceAll()
  }

  /** All versions have moved, for this process alone. */
  forgetAll(): void {
    this.#baseCounter = ++this.#counter
    this.#versions.clear()
    this.#pendingLoads.clear()
  }

  /** Another process has moved these, those of them that somebody has asked for here are kept. */
  take(versions: Iterable<readonly [tenantId: string, version: string]>): void {
    for (const [tenantId, version] of versions)
      if (this.#versions.has(tenantId) || this.#pendingLoads.has(tenantId)) this.#versions.set(tenantId, version)
  }

  /** Nobody knows any more what the versions of these tenants are. */
  forget(isOne: (tenantId: string) => boolean): void {
    this.#baseCounter = ++this.#counter
    for (const tenantId of this.#versions.keys()) if (isOne(tenantId)) this.#versions.delete(tenantId)
    for (const tenantId of this.#pendingLoads.keys()) if (isOne(tenantId)) this.#pendingLoads.delete(tenantId)
  }

  async #fetch(peers: VersionPeers, tenantId: string): Promise<void> {
    const request = Promise.resolve().then(() => peers.requestVersion(tenantId))
    const version = await request.catch(() => undefined)
    // It may have moved, or been forgotten, since it was asked for.
    if (version !== undefined && this.#pendingLoads.has(tenantId) && !this.#versions.has(tenantId))
      this.#versions.set(tenantId, version)
    this.#pendingLoads.delete(tenantId)
  }

  /** By the wall clock, so that every process is in the same slot and gives the same versions. When that clock is set back, slots repeat: the versions made in them are forgotten. */
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
