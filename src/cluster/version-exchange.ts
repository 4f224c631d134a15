/**
 * Exchanges the data versions of tenants between the members of a cluster. The member that stores a tenant's events announces each new version and responds to requests. An
 * announcement may be lost: announcements are numbered, and one per second is sent in any case, so that a receiver detects the loss and forgets the versions of that member.
 */
import type { Clock } from '../base/clock.ts'
import type { ClusterMessenger } from './ports.ts'

const HEARTBEAT_MS = 1_000
/** After this time without an announcement of a member, announcements may have been lost. */
const MAX_SILENCE_MS = 3_000
/** Tenants in one message: about 250 kB with ids of usual length. */
const MAX_TENANTS_PER_MESSAGE = 4_000

const ANNOUNCEMENTS = 'announcements'

/** The versions that this process has stored or received. */
export interface VersionCache {
  ownOf(tenantId: string): string
  take(versions: Iterable<readonly [tenantId: string, version: string]>): void
  forget(isAffected: (tenantId: string) => boolean): void
  forgetAll(): void
}

export interface VersionExchangeOptions {
  /** The id of this member. */
  readonly id: string
  readonly messenger: ClusterMessenger
  readonly versions: VersionCache
  /** The member that stores a tenant's events; undefined = none at the moment. */
  readonly ownerOf: (tenantId: string) => string | undefined
  /** Called when other members have stored events of these tenants. */
  readonly onVersionsChanged: (tenantIds: readonly string[]) => void
  readonly clock: Clock
}

interface Announcement {
  readonly from: string
  readonly sequence: number
  readonly versions?: readonly (readonly [tenantId: string, version: string])[]
  readonly all?: boolean
}

export class VersionExchange {
  readonly #options: VersionExchangeOptions
  readonly #lastReceived = new Map<string, { sequence: number; at: number }>()
  readonly #subscriptionEnds: (() => void)[] = []
  #sequence = 0
  #cancelHeartbeat: (() => void) | undefined

  constructor(options: VersionExchangeOptions) {
    this.#options = options
  }

  open(): void {
    const { messenger, versions, id } = this.#options
    this.#subscriptionEnds.push(messenger.subscribe(ANNOUNCEMENTS, (text) => this.#receive(text)))
    this.#subscriptionEnds.push(messenger.subscribe(topicOf(id), (tenantId, reply) => reply(versions.ownOf(tenantId))))
    this.#sendHeartbeat()
  }

  close(): void {
    this.#cancelHeartbeat?.()
    for (const end of this.#subscriptionEnds) end()
  }

  isLocal(tenantId: string): boolean {
    return this.#options.ownerOf(tenantId) === this.#options.id
  }

  async requestVersion(tenantId: string): Promise<string | undefined> {
    const owner = this.#options.ownerOf(tenantId)
    if (owner === undefined || !this.#isReachable(owner)) return undefined
    const response = await this.#options.messenger.request(topicOf(owner), tenantId)
    return response === 'no-responder' ? undefined : response?.text
  }

  /** Whether a member is certainly not connected to the broker. */
  async isDisconnected(member: string): Promise<boolean> {
    return (await this.#options.messenger.request(topicOf(member), '')) === 'no-responder'
  }

  /** Announces the current versions of these tenants. */
  announce(tenantIds: readonly string[]): void {
    const { versions } = this.#options
    for (let start = 0; start < tenantIds.length; start += MAX_TENANTS_PER_MESSAGE) {
      const slice = tenantIds.slice(start, start + MAX_TENANTS_PER_MESSAGE)
      this.#publish({ versions: slice.map((tenantId) => [tenantId, versions.ownOf(tenantId)]) })
    }
  }

  announceAll(): void {
    this.#publish({ all: true })
  }

  #publish(announcement: Pick<Announcement, 'versions' | 'all'>): void {
    const { messenger, id } = this.#options
    messenger.publish(
      ANNOUNCEMENTS,
      JSON.stringify({ from: id, sequence: ++this.#sequence, ...announcement } satisfies Announcement),
    )
  }

  #sendHeartbeat(): void {
    const { clock, versions, ownerOf } = this.#options
    this.#publish({})
    const now = clock.monotonic()
    const silent = new Set<string>()
    for (const [member, { at }] of this.#lastReceived) if (now - at > MAX_SILENCE_MS) silent.add(member)
    if (silent.size > 0) versions.forget((tenantId) => silent.has(ownerOf(tenantId) ?? ''))
    for (const member of silent) this.#lastReceived.delete(member)
    this.#cancelHeartbeat = clock.after(HEARTBEAT_MS, () => this.#sendHeartbeat())
  }

  #receive(text: string): void {
    const { id, clock, versions, ownerOf, onVersionsChanged } = this.#options
    const announcement = parseAnnouncement(text)
    // Any client of the broker can publish on this subject.
    if (!announcement || announcement.from === id) return
    const { from, sequence } = announcement
    const before = this.#lastReceived.get(from)
    this.#lastReceived.set(from, { sequence, at: clock.monotonic() })
    if (before?.sequence !== sequence - 1) versions.forget((tenantId) => ownerOf(tenantId) === from)
    if (announcement.all) versions.forgetAll()
    if (!announcement.versions) return
    versions.take(announcement.versions)
    onVersionsChanged(announcement.versions.map(([tenantId]) => tenantId))
  }

  /** Versions of a member are trusted only while its announcements arrive. */
  #isReachable(member: string): boolean {
    return this.#options.clock.monotonic() - (this.#lastReceived.get(member)?.at ?? -Infinity) <= MAX_SILENCE_MS
  }
}

/** Parses an announcement; undefined for anything else. */
function parseAnnouncement(text: string): Announcement | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    return undefined
  }
  const {
    from,
    sequence,
    versions = [],
    all = false,
  } = (parsed ?? {}) as Readonly<Partial<Record<keyof Announcement, unknown>>>
  const isVersion = (each: unknown) =>
    Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string')
  const isComplete =
    typeof from === 'string' &&
    Number.isSafeInteger(sequence) &&
    typeof all === 'boolean' &&
    Array.isArray(versions) &&
    versions.every(isVersion)
  return isComplete ? (parsed as Announcement) : undefined
}

function topicOf(member: string): string {
  return `member.${member}`
}
