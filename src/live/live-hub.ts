/**
 * The live streams: what the writer stores comes in by the commit line, what others store by asking the store, messages leave to clients. Knows neither HTTP nor how the
 * store is asked, and must never fail ingestion: what goes wrong here ends streams, whose clients come back.
 */
import type { QueryPort } from '../analytics/query/tenant-query.ts'
import type { Clock } from '../base/clock.ts'
import { ApiFailure } from '../base/errors.ts'
import type { EventRow } from '../events/event-row.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { SnapshotCoordinator } from './snapshot-coordinator.ts'
import { PushedTopic } from './pushed-topic.ts'
import { LiveClient } from './live-client.ts'
import { LIVE_PRESET, type LiveRequest, type LiveTopic } from './live-topic.ts'
import { PolledTopic } from './polled-topic.ts'

/** So long a stream goes on without clients, for those who come back. */
const GRACE_PERIOD_MS = 60_000
/** So many streams without clients a tenant may have. */
const MAX_GRACE_PERIODS = 8

export interface LiveHubOptions {
  readonly port: QueryPort
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly maxClients: number
  readonly maxClientsPerTenant: number
  /** Whether the commit line tells of all that is stored of a tenant; by default it does of every one. The others' streams ask the store. */
  readonly isLocal?: (tenantId: string) => boolean
  /** How often those ask while they have readers, milliseconds; undefined = only when told by `changed`. */
  readonly pollIntervalMs?: number
}

/** By whom a stream is read, and for how long. */
export interface LiveSubscription {
  /** Epoch milliseconds. */
  readonly expiresAt: number
  readonly isStillAuthorized: () => Promise<boolean>
  /** The last message it has seen of a stream before. */
  readonly lastEventId: string | undefined
}

interface TenantStreams {
  readonly topics: Map<string, LiveTopic>
  /** Streams without clients, the oldest first, and what keeps them from going on for ever. */
  readonly gracePeriods: Map<string, () => void>
  clientCount: number
}

export class LiveHub {
  /** What the writer tells of its commits. */
  readonly coordinator: SnapshotCoordinator
  readonly #options: LiveHubOptions
  readonly #tenants = new Map<string, TenantStreams>()
  #clientCount = 0
  #isOpen = false

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.coordinator = new SnapshotCoordinator({
      clock: options.clock,
      onStored: (events) => this.#countStored(events),
    })
  }

  /** From now on nothing is stored of the tenants that are written here but what the commit line tells of: what an earlier process sent is fenced off. */
  open(): void {
    this.#isOpen = true
  }

  /** Lets a client in. Rejects with an ApiFailure or a StoreFailure. */
  async join(request: LiveRequest, { lastEventId, ...subscription }: LiveSubscription): Promise<LiveClient> {
    const { clock, metrics } = this.#options
    if (!this.#isOpen) throw new ApiFailure('UNAVAILABLE', 'The live streams have not started yet.')
    const { tenantId } = request
    const key = topicKeyOf(request)
    const release = this.#reserveClient(tenantId, key)
    try {
      const topic = await this.#readyTopic(request, key)
      const client = new LiveClient({
        ...subscription,
        clock,
        metrics,
        snapshot: () => topic.snapshot(),
        onClosed: (closed) => {
          topic.clients.delete(closed)
          release()
        },
      })
      topic.join(client, lastEventId)
      // Another one may have left while this one waited.
      this.#cancelGracePeriod(this.#tenants.get(tenantId)!, key)
      return client
    } catch (error) {
      release()
      throw error
    }
  }

  /** Events of these tenants were stored elsewhere. May be called at any rate: a stream asks the store four times a second at most. */
  onStoredElsewhere(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds)
      for (const topic of this.#tenants.get(tenantId)?.topics.values() ?? []) topic.onStoredElsewhere()
  }

  /** Ends the streams of tenants that are written elsewhere from now on, or here: whoever comes back gets one of the right kind, which `isWrittenHere` tells by now. */
  endReassigned(hasMoved: (tenantId: string) => boolean): void {
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
    this.coordinator.close()
    for (const tenant of this.#tenants.values()) for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
  }

  #countStored(events: Iterable<{ readonly row: EventRow }>): void {
    if (this.#tenants.size === 0) return
    try {
      let tenantId: string | undefined
      let topics: TenantStreams['topics'] | undefined
      // A block holds a tenant's rows one after the other.
      for (const { row } of events) {
        if (row.tenant_id !== tenantId) topics = this.#tenants.get((tenantId = row.tenant_id))?.topics
        if (topics) for (const topic of topics.values()) topic.add(row)
      }
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'live' })
      this.#options.logger.error('live streams reset', { error })
      for (const tenant of this.#tenants.values())
        for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
    }
  }

  /** Counts a client in, and keeps its stream; gives what counts it out, once. Throws when there are too many. */
  #reserveClient(tenantId: string, key: string): () => void {
    const { maxClients, maxClientsPerTenant } = this.#options
    if ((this.#tenants.get(tenantId)?.clientCount ?? 0) >= maxClientsPerTenant)
      throw new ApiFailure(
        'RATE_LIMITED',
        `The limit of ${maxClientsPerTenant} open live stream${maxClientsPerTenant === 1 ? '' : 's'} per tenant is reached.`,
      )
    if (this.#clientCount >= maxClients) throw new ApiFailure('UNAVAILABLE', 'Too many live streams are open.')
    const tenant = this.#tenants.get(tenantId) ?? { topics: new Map(), gracePeriods: new Map(), clientCount: 0 }
    this.#tenants.set(tenantId, tenant)
    this.#cancelGracePeriod(tenant, key)
    this.#changeClientCount(tenant, 1)
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      this.#changeClientCount(tenant, -1)
      const topic = tenant.topics.get(key)
      if (topic?.clients.size === 0) this.#startGracePeriod(tenant, key, topic)
      else this.#forgetIfEmpty(tenantId, tenant)
    }
  }

  /** The stream of a request, made if there is none, when it can be joined. */
  async #readyTopic(request: LiveRequest, key: string): Promise<LiveTopic> {
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
    const { port, clock, metrics, logger, isLocal: isWrittenHere = () => true, pollIntervalMs } = this.#options
    const onFailed = (failed: LiveTopic, error: unknown) => {
      logger.warn('a live stream cannot go on', { tenantId: failed.tenantId, error })
      this.#fail(key, failed)
    }
    const options = { request, port, clock, metrics, onFailed }
    return isWrittenHere(request.tenantId)
      ? new PushedTopic({ ...options, coordinator: this.coordinator })
      : new PolledTopic({ ...options, logger, pollIntervalMs })
  }

  #fail(key: string, topic: LiveTopic): void {
    const tenant = this.#tenants.get(topic.tenantId)
    if (tenant?.topics.get(key) === topic) this.#end(tenant, key, topic)
  }

  #startGracePeriod(tenant: TenantStreams, key: string, topic: LiveTopic): void {
    if (tenant.gracePeriods.has(key)) return
    const [oldest] = tenant.gracePeriods.keys()
    if (tenant.gracePeriods.size >= MAX_GRACE_PERIODS) this.#end(tenant, oldest!, tenant.topics.get(oldest!)!)
    const end = () => this.#end(tenant, key, topic)
    tenant.gracePeriods.set(key, this.#options.clock.after(GRACE_PERIOD_MS, end))
  }

  #cancelGracePeriod({ gracePeriods }: TenantStreams, key: string): void {
    gracePeriods.get(key)?.()
    gracePeriods.delete(key)
  }

  #end(tenant: TenantStreams, key: string, topic: LiveTopic): void {
    tenant.topics.delete(key)
    this.#cancelGracePeriod(tenant, key)
    topic.close()
    this.#forgetIfEmpty(topic.tenantId, tenant)
  }

  #forgetIfEmpty(tenantId: string, tenant: TenantStreams): void {
    if (tenant.clientCount === 0 && tenant.topics.size === 0) this.#tenants.delete(tenantId)
  }

  #changeClientCount(tenant: TenantStreams, change: number): void {
    tenant.clientCount += change
    this.#clientCount += change
    this.#options.metrics.liveClients.set(this.#clientCount)
  }
}

/** The same for all who ask the same. */
function topicKeyOf({
  rangeRequest: { timeRange = LIVE_PRESET, startDate, endDate },
  zone,
  filters,
}: LiveRequest): string {
  const { channel, campaignId, workflowId, sequenceId, templateId } = filters
  const range = startDate === undefined ? [timeRange] : [startDate, endDate]
  return JSON.stringify([range, zone.name, channel, campaignId, workflowId, sequenceId, templateId])
}
