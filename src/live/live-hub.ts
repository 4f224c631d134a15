/**
 * The live streams: what the writer stores comes in by the commit line, what others store by asking the store, messages leave to clients. Knows neither HTTP nor how the
 * store is asked, and must never fail ingestion: what goes wrong here ends streams, whose clients come back.
 */
import type { QueryPort } from '../analytics/query.ts'
import type { Clock } from '../clock.ts'
import { ApiFailure } from '../errors.ts'
import type { EventRow } from '../events/row.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import { CommitLine } from './commit-line.ts'
import { CommittedTopic } from './committed-topic.ts'
import { LiveClient } from './live-client.ts'
import { LIVE_PRESET, type LiveRequest, type LiveTopic } from './live-topic.ts'
import { PolledTopic } from './polled-topic.ts'

/** So long a stream goes on without clients, for those who come back. */
const LINGER_MS = 60_000
/** So many streams without clients a tenant may have. */
const MAX_LINGERING = 8

export interface LiveHubOptions {
  readonly port: QueryPort
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly maxClients: number
  readonly maxClientsPerTenant: number
  /** Whether the commit line tells of all that is stored of a tenant; by default it does of every one. The others' streams ask the store. */
  readonly isWrittenHere?: (tenantId: string) => boolean
  /** How often those ask while they have readers, milliseconds; undefined = only when told by `changed`. */
  readonly pollIntervalMs?: number
}

/** By whom a stream is read, and for how long. */
export interface LiveReader {
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly isStillAllowed: () => Promise<boolean>
  /** The last message it has seen of a stream before. */
  readonly lastEventId: string | undefined
}

interface Tenant {
  readonly topics: Map<string, LiveTopic>
  /** Streams without clients, the oldest first, and what keeps them from going on for ever. */
  readonly lingering: Map<string, () => void>
  clientCount: number
}

export class LiveHub {
  /** What the writer tells of its commits. */
  readonly commits: CommitLine
  readonly #options: LiveHubOptions
  readonly #tenants = new Map<string, Tenant>()
  #clientCount = 0
  #isOpen = false

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.commits = new CommitLine({ clock: options.clock, onStored: (events) => this.#take(events) })
  }

  /** From now on nothing is stored of the tenants that are written here but what the commit line tells of: what an earlier process sent is fenced off. */
  open(): void {
    this.#isOpen = true
  }

  /** Lets a client in. Rejects with an ApiFailure or a StoreFailure. */
  async join(request: LiveRequest, { lastEventId, ...reader }: LiveReader): Promise<LiveClient> {
    const { clock, metrics } = this.#options
    if (!this.#isOpen) throw new ApiFailure('UNAVAILABLE', 'The live streams have not started yet.')
    const { tenantId } = request
    const key = keyOf(request)
    const leave = this.#takeSeat(tenantId, key)
    try {
      const topic = await this.#ready(request, key)
      const client = new LiveClient({
        ...reader,
        clock,
        metrics,
        snapshot: () => topic.snapshot(),
        onClosed: (closed) => {
          topic.clients.delete(closed)
          leave()
        },
      })
      topic.join(client, lastEventId)
      // Another one may have left while this one waited.
      this.#keep(this.#tenants.get(tenantId)!, key)
      return client
    } catch (error) {
      leave()
      throw error
    }
  }

  /** Events of these tenants were stored elsewhere. May be called at any rate: a stream asks the store four times a second at most. */
  changed(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds)
      for (const topic of this.#tenants.get(tenantId)?.topics.values() ?? []) topic.changed()
  }

  /** Ends the streams of tenants that are written elsewhere from now on, or here: whoever comes back gets one of the right kind, which `isWrittenHere` tells by now. */
  reassigned(hasMoved: (tenantId: string) => boolean): void {
    for (const [tenantId, tenant] of this.#tenants)
      if (hasMoved(tenantId)) for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
  }

  /** Compares the streams with the store, one after the other; those that differ start over. */
  async verify(): Promise<{ readonly streams: number; readonly differing: number }> {
    const topics = [...this.#tenants.values()].flatMap((tenant) => [...tenant.topics.values()])
    let differing = 0
    for (const topic of topics) if ((await topic.verify().catch(() => undefined)) === true) differing++
    return { streams: topics.length, differing }
  }

  /** Ends every stream. */
  close(): void {
    this.#isOpen = false
    this.commits.close()
    for (const tenant of this.#tenants.values()) for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
  }

  #take(events: Iterable<{ readonly row: EventRow }>): void {
    if (this.#tenants.size === 0) return
    try {
      let tenantId: string | undefined
      let topics: Tenant['topics'] | undefined
      // A block holds a tenant's rows one after the other.
      for (const { row } of events) {
        if (row.tenant_id !== tenantId) topics = this.#tenants.get((tenantId = row.tenant_id))?.topics
        if (topics) for (const topic of topics.values()) topic.add(row)
      }
    } catch (error) {
      this.#options.logger.error('the live streams lost count and start over', { error })
      for (const tenant of this.#tenants.values())
        for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
    }
  }

  /** Counts a client in, and keeps its stream; gives what counts it out, once. Throws when there are too many. */
  #takeSeat(tenantId: string, key: string): () => void {
    const { maxClients, maxClientsPerTenant } = this.#options
    if ((this.#tenants.get(tenantId)?.clientCount ?? 0) >= maxClientsPerTenant)
      throw new ApiFailure('RATE_LIMITED', `A tenant may have ${maxClientsPerTenant} live streams open.`)
    if (this.#clientCount >= maxClients) throw new ApiFailure('UNAVAILABLE', 'Too many live streams are open.')
    const tenant = this.#tenants.get(tenantId) ?? { topics: new Map(), lingering: new Map(), clientCount: 0 }
    this.#tenants.set(tenantId, tenant)
    this.#keep(tenant, key)
    this.#count(tenant, 1)
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      this.#count(tenant, -1)
      const topic = tenant.topics.get(key)
      if (topic?.clients.size === 0) this.#linger(tenant, key, topic)
      else this.#forgetIfEmpty(tenantId, tenant)
    }
  }

  /** The stream of a request, made if there is none, when it can be joined. */
  async #ready(request: LiveRequest, key: string): Promise<LiveTopic> {
    const { topics } = this.#tenants.get(request.tenantId)!
    let topic = topics.get(key)
    if (!topic) {
      topic = this.#makeTopic(request, key)
      topics.set(key, topic)
      topic.start()
    }
    try {
      // Midnight may pass while it is waited for.
      for (let ready: Promise<void> | undefined; ready !== topic.ready;) await (ready = topic.ready)
    } catch (error) {
      this.#fail(key, topic)
      throw error
    }
    if (topics.get(key) !== topic) throw new ApiFailure('UNAVAILABLE', 'The stream has just ended. Try again.')
    return topic
  }

  #makeTopic(request: LiveRequest, key: string): LiveTopic {
    const { port, clock, metrics, logger, isWrittenHere = () => true, pollIntervalMs } = this.#options
    const onFailed = (failed: LiveTopic, error: unknown) => {
      logger.warn('a live stream cannot go on', { tenantId: failed.tenantId, error })
      this.#fail(key, failed)
    }
    const options = { request, port, clock, metrics, onFailed }
    return isWrittenHere(request.tenantId)
      ? new CommittedTopic({ ...options, line: this.commits })
      : new PolledTopic({ ...options, logger, pollIntervalMs })
  }

  #fail(key: string, topic: LiveTopic): void {
    const tenant = this.#tenants.get(topic.tenantId)
    if (tenant?.topics.get(key) === topic) this.#end(tenant, key, topic)
  }

  #linger(tenant: Tenant, key: string, topic: LiveTopic): void {
    if (tenant.lingering.has(key)) return
    const [oldest] = tenant.lingering.keys()
    if (tenant.lingering.size >= MAX_LINGERING) this.#end(tenant, oldest!, tenant.topics.get(oldest!)!)
    const end = () => this.#end(tenant, key, topic)
    tenant.lingering.set(key, this.#options.clock.after(LINGER_MS, end))
  }

  #keep({ lingering }: Tenant, key: string): void {
    lingering.get(key)?.()
    lingering.delete(key)
  }

  #end(tenant: Tenant, key: string, topic: LiveTopic): void {
    tenant.topics.delete(key)
    this.#keep(tenant, key)
    topic.close()
    this.#forgetIfEmpty(topic.tenantId, tenant)
  }

  #forgetIfEmpty(tenantId: string, tenant: Tenant): void {
    if (tenant.clientCount === 0 && tenant.topics.size === 0) this.#tenants.delete(tenantId)
  }

  #count(tenant: Tenant, change: number): void {
    tenant.clientCount += change
    this.#clientCount += change
    this.#options.metrics.liveClients.set(this.#clientCount)
  }
}

/** The same for all who ask the same. */
function keyOf({ asked: { timeRange = LIVE_PRESET, startDate, endDate }, zone, filters }: LiveRequest): string {
  const { channel, campaignId, workflowId, sequenceId, templateId } = filters
  const range = startDate === undefined ? [timeRange] : [startDate, endDate]
  return JSON.stringify([range, zone.name, channel, campaignId, workflowId, sequenceId, templateId])
}
