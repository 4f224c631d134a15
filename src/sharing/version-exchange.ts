/**
 * How the members of an environment tell each other what the versions of their tenants' data are. Whoever stores a tenant's events announces each move and answers who
 * asks. An announcement may get lost: they are counted, and one a second comes in any case, so that a listener that missed something knows it and forgets what it knew.
 */
import type { Clock } from '../clock.ts'
import type { Messages } from './ports.ts'

const HEARTBEAT_MS = 1_000
/** A member that was not heard for so long may have said something that did not arrive. */
const MAX_SILENCE_MS = 3_000
/** Tenants in one message: with ids of ordinary length a quarter of a megabyte. */
const MAX_TENANTS_A_MESSAGE = 4_000

const NEWS = 'news'

/** The versions as this process knows them. */
export interface KnownVersions {
  ownOf(tenantId: string): string
  take(versions: Iterable<readonly [tenantId: string, version: string]>): void
  forget(isOne: (tenantId: string) => boolean): void
  forgetAll(): void
}

export interface VersionExchangeOptions {
  /** This member. */
  readonly id: string
  readonly messages: Messages
  readonly versions: KnownVersions
  /** Who stores a tenant's events; undefined = nobody right now. */
  readonly ownerOf: (tenantId: string) => string | undefined
  /** Events of these tenants were stored elsewhere. */
  readonly onMoved: (tenantIds: readonly string[]) => void
  readonly clock: Clock
}

interface News {
  readonly from: string
  readonly sequence: number
  readonly versions?: readonly (readonly [tenantId: string, version: string])[]
  readonly all?: boolean
}

export class VersionExchange {
  readonly #options: VersionExchangeOptions
  readonly #heard = new Map<string, { sequence: number; at: number }>()
  readonly #ends: (() => void)[] = []
  #sequence = 0
  #cancelHeartbeat: (() => void) | undefined

  constructor(options: VersionExchangeOptions) {
    this.#options = options
  }

  open(): void {
    const { messages, versions, id } = this.#options
    this.#ends.push(messages.subscribe(NEWS, (text) => this.#hear(text)))
    this.#ends.push(messages.subscribe(topicOf(id), (tenantId, reply) => reply(versions.ownOf(tenantId))))
    this.#beat()
  }

  close(): void {
    this.#cancelHeartbeat?.()
    for (const end of this.#ends) end()
  }

  isOurs(tenantId: string): boolean {
    return this.#options.ownerOf(tenantId) === this.#options.id
  }

  async ask(tenantId: string): Promise<string | undefined> {
    const owner = this.#options.ownerOf(tenantId)
    if (owner === undefined || !this.#isHeard(owner)) return undefined
    const answer = await this.#options.messages.request(topicOf(owner), tenantId)
    return answer === 'nobody' ? undefined : answer?.text
  }

  /** Whether a member is certainly not connected to the broker. */
  async isGone(member: string): Promise<boolean> {
    return (await this.#options.messages.request(topicOf(member), '')) === 'nobody'
  }

  /** The data of these tenants has moved here. */
  announce(tenantIds: readonly string[]): void {
    const { versions } = this.#options
    for (let start = 0; start < tenantIds.length; start += MAX_TENANTS_A_MESSAGE) {
      const slice = tenantIds.slice(start, start + MAX_TENANTS_A_MESSAGE)
      this.#tell({ versions: slice.map((tenantId) => [tenantId, versions.ownOf(tenantId)]) })
    }
  }

  announceAll(): void {
    this.#tell({ all: true })
  }

  #tell(news: Pick<News, 'versions' | 'all'>): void {
    const { messages, id } = this.#options
    messages.publish(NEWS, JSON.stringify({ from: id, sequence: ++this.#sequence, ...news } satisfies News))
  }

  #beat(): void {
    const { clock, versions, ownerOf } = this.#options
    this.#tell({})
    const now = clock.monotonic()
    const silent = new Set<string>()
    for (const [member, { at }] of this.#heard) if (now - at > MAX_SILENCE_MS) silent.add(member)
    if (silent.size > 0) versions.forget((tenantId) => silent.has(ownerOf(tenantId) ?? ''))
    for (const member of silent) this.#heard.delete(member)
    this.#cancelHeartbeat = clock.after(HEARTBEAT_MS, () => this.#beat())
  }

  #hear(text: string): void {
    const { id, clock, versions, ownerOf, onMoved } = this.#options
    const news = readNews(text)
    // Anyone at the broker may publish there.
    if (!news || news.from === id) return
    const { from, sequence } = news
    const before = this.#heard.get(from)
    this.#heard.set(from, { sequence, at: clock.monotonic() })
    if (before?.sequence !== sequence - 1) versions.forget((tenantId) => ownerOf(tenantId) === from)
    if (news.all) versions.forgetAll()
    if (!news.versions) return
    versions.take(news.versions)
    onMoved(news.versions.map(([tenantId]) => tenantId))
  }

  /** What a member says is relied upon only while its announcements arrive. */
  #isHeard(member: string): boolean {
    return this.#options.clock.monotonic() - (this.#heard.get(member)?.at ?? -Infinity) <= MAX_SILENCE_MS
  }
}

/** News as a member writes them; undefined for anything else. */
function readNews(text: string): News | undefined {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    return undefined
  }
  const { from, sequence, versions = [], all = false } = (read ?? {}) as Readonly<Partial<Record<keyof News, unknown>>>
  const isVersion = (each: unknown) =>
    Array.isArray(each) && each.length === 2 && each.every((part) => typeof part === 'string')
  const isWhole =
    typeof from === 'string' &&
    Number.isSafeInteger(sequence) &&
    typeof all === 'boolean' &&
    Array.isArray(versions) &&
    versions.every(isVersion)
  return isWhole ? (read as News) : undefined
}

function topicOf(member: string): string {
  return `member.${member}`
}
