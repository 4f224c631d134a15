/**
 * How the members of an environment tell each other what the versions of their tenants' data are. Whoever stores a tenant's events announces each move and answers who
 * asks. An announcement may get lost: they are counted, and one a second comes in any case, so that a listener that missed something knows it and forgets what it knew.
 */
import type { Clock } from '../base/clock.ts'
import type { ClusterMessenger } from './ports.ts'

const HEARTBEAT_MS = 1_000
/** A member that was not heard for so long may have said something that did not arrive. */
const MAX_SILENCE_MS = 3_000
/** Tenants in one message: with ids of ordinary length a quarter of a megabyte. */
const MAX_TENANTS_PER_MESSAGE = 4_000

const ANNOUNCEMENTS = 'news'

/** The versions as this process knows them. */
export interface VersionCache {
  ownOf(tenantId: string): string
  take(versions: Iterable<readonly [tenantId: string, version: string]>): void
  forget(isOne: (tenantId: string) => boolean): void
  forgetAll(): void
}

export interface VersionExchangeOptions {
  /** This member. */
  readonly id: string
  readonly messenger: ClusterMessenger
  readonly versions: VersionCache
  /** Who stores a tenant's events; undefined = nobody right now. */
  readonly ownerOf: (tenantId: string) => string | undefined
  /** Events of these tenants were stored elsewhere. */
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
    const { messenger: messages, versions, id } = this.#options
    this.#subscriptionEnds.push(messages.subscribe(ANNOUNCEMENTS, (text) => this.#receive(text)))
    this.#subscriptionEnds.push(messages.subscribe(topicOf(id), (tenantId, reply) => reply(versions.ownOf(tenantId))))
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
    return response === 'nobody' ? undefined : response?.text
  }

  /** Whether a member is certainly not connected to the broker. */
  async isDisconnected(member: string): Promise<boolean> {
    return (await this.#options.messenger.request(topicOf(member), '')) === 'nobody'
  }

  /** The data of these tenants has moved here. */
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
    const { messenger: messages, id } = this.#options
    messages.publish(
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
    const { id, clock, versions, ownerOf, onVersionsChanged: onMoved } = this.#options
    const announcement = parseAnnouncement(text)
    // Anyone at the broker may publish there.
    if (!announcement || announcement.from === id) return
    const { from, sequence } = announcement
    const before = this.#lastReceived.get(from)
    this.#lastReceived.set(from, { sequence, at: clock.monotonic() })
    if (before?.sequence !== sequence - 1) versions.forget((tenantId) => ownerOf(tenantId) === from)
    if (announcement.all) versions.forgetAll()
    if (!announcement.versions) return
    versions.take(announcement.versions)
    onMoved(announcement.versions.map(([tenantId]) => tenantId))
  }

  /** What a member says is relied upon only while its announcements arrive. */
  #isReachable(member: string): boolean {
    return this.#options.clock.monotonic() - (this.#lastReceived.get(member)?.at ?? -Infinity) <= MAX_SILENCE_MS
  }
}

/** News as a member writes them; undefined for anything else. */
function parseAnnouncement(text: string): Announcement | undefined {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  const {
    from,
    sequence,
    versions = [],
    all = false,
  } = (read ?? {}) as Readonly<Partial<Record<keyof Announcement, unknown>>>
  const isVersion = (each: unknown) =>
    Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string')
  const isWhole =
    typeof from === 'string' &&
    Number.isSafeInteger(sequence) &&
    typeof all === 'boolean' &&
    Array.isArray(versions) &&
    versions.every(isVersion)
  return isWhole ? (read as Announcement) : undefined
}

function topicOf(member: string): string {
  return `member.${member}`
}
