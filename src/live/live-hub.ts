/**
 * The live streams. Events that this process stores arrive through the snapshot coordinator; events that other processes store are found by polling the store. A failure here must
 * never fail ingestion: it ends streams, and their clients reconnect.
 */
import type { QueryPort } from '../analytics/query/tenant-query.ts'
import type { Clock } from '../base/clock.ts'
import { ApiFailure } from '../base/errors.ts'
import type { EventBlock, RowIndexes } from '../events/block/event-block.ts'
import type { Logger } from '../base/logger.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import { SnapshotCoordinator } from './snapshot-coordinator.ts'
import { PushedTopic } from './pushed-topic.ts'
import { LiveClient } from './live-client.ts'
import { LIVE_PRESET, type LiveRequest, type LiveTopic } from './live-topic.ts'
import { PolledTopic } from './polled-topic.ts'

/** A stream without clients continues for this time, for clients that reconnect. */
const GRACE_PERIOD_MS = 60_000
/** Streams without clients per tenant. */
const MAX_GRACE_PERIODS = 8

export interface LiveHubOptions {
  readonly port: QueryPort
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  readonly maxClients: number
  readonly maxClientsPerTenant: number
  /** Whether this process stores all events of a tenant; by default it does. Streams of other tenants poll the store. */
  readonly isLocal?: (tenantId: string) => boolean
  /** Poll interval of those streams while they have clients, in milliseconds; undefined = only after `onStoredElsewhere`. */
  readonly pollIntervalMs?: number
}

/** The authorization of a client, and its position in the stream. */
export interface LiveSubscription {
  /** When the authorization expires, in epoch milliseconds. */
  readonly expiresAt: number
  readonly isStillAuthorized: () => Promise<boolean>
  /** The id of the last message that the client received. */
  readonly lastEventId: string | undefined
}

interface TenantStreams {
  readonly topics: Map<string, LiveTopic>
  /** Streams without clients, the oldest first, with the function that cancels their end. */
  readonly gracePeriods: Map<string, () => void>
  clientCount: number
}

export class LiveHub {
  /** Receives the commits of the writer. */
  readonly coordinator: SnapshotCoordinator
  readonly #options: LiveHubOptions
  readonly #tenants = new Map<string, TenantStreams>()
  #clientCount = 0
  #isOpen = false

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.coordinator = new SnapshotCoordinator({
      clock: options.clock,
      onStored: (events, stored) => this.#countStored(events, stored),
    })
  }

  /** Accepts clients from now on. To be called when the tables of the store exist. */
  open(): void {
    this.#isOpen = true
  }

  /** Adds a client. Rejects with an ApiFailure or a StoreFailure. */
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
      // Another client may have left meanwhile and started the grace period.
      this.#cancelGracePeriod(this.#tenants.get(tenantId)!, key)
      return client
    } catch (error) {
      release()
      throw error
    }
  }

  /** Other processes have stored events of these tenants. May be called at any rate: a stream polls the store four times a second at most. */
  onStoredElsewhere(tenantIds: Iterable<string>): void {
    for (const tenantId of tenantIds)
      for (const topic of this.#tenants.get(tenantId)?.topics.values() ?? []) topic.onStoredElsewhere()
  }

  /** Ends the streams of tenants that are stored by another process from now on. Clients that reconnect get a stream of the right kind, according to `isLocal`. */
  endReassigned(isReassigned: (tenantId: string) => boolean): void {
    for (const [tenantId, tenant] of this.#tenants)
      if (isReassigned(tenantId)) for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
  }

  /** Compares the streams with the store, one after the other; streams that differ are reset. */
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

  #countStored(events: EventBlock, stored: RowIndexes): void {
    if (this.#tenants.size === 0) return
    try {
      // One pass over the rows, however many tenants have streams.
      for (const [row, { topics }] of events.selectByTenant(stored, (tenantId) => this.#tenants.get(tenantId)))
        for (const topic of topics.values()) topic.add(row)
    } catch (error) {
      this.#options.report('ingestion', error, { part: 'live' })
      this.#options.logger.error('live streams reset', { error })
      for (const tenant of this.#tenants.values())
        for (const [key, topic] of tenant.topics) this.#end(tenant, key, topic)
    }
  }

  /** Counts a client and keeps its stream. The returned function reverses that, once. Throws an ApiFailure when a limit is reached. */
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
    let isReleased = false
    return () => {
      if (isReleased) return
      isReleased = true
      this.#changeClientCount(tenant, -1)
      const topic = tenant.topics.get(key)
      if (topic?.clients.size === 0) this.#startGracePeriod(tenant, key, topic)
      else this.#removeIfEmpty(tenantId, tenant)
    }
  }

  /** The stream of a request, created if necessary, once clients can join it. */
  async #readyTopic(request: LiveRequest, key: string): Promise<LiveTopic> {
    const { topics } = this.#tenants.get(request.tenantId)!
    let topic = topics.get(key)
    if (!topic) {
      topic = this.#createTopic(request, key)
      topics.set(key, topic)
      topic.start()
    }
    try {
      // At midnight `ready` is replaced.
      for (let ready: Promise<void> | undefined; ready !== topic.ready;) await (ready = topic.ready)
    } catch (error) {
      this.#fail(key, topic)
      throw error
    }
    if (topics.get(key) !== topic) throw new ApiFailure('UNAVAILABLE', 'The stream has just ended. Try again.')
    return topic
  }

  #createTopic(request: LiveRequest, key: string): LiveTopic {
    const { port, clock, metrics, logger, isLocal = () => true, pollIntervalMs } = this.#options
    const onFailed = (failed: LiveTopic, error: unknown) => {
      logger.warn('live stream failed', { tenantId: failed.tenantId, error })
      this.#fail(key, failed)
    }
    const options = { request, port, clock, metrics, onFailed }
    return isLocal(request.tenantId)
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
    this.#removeIfEmpty(topic.tenantId, tenant)
  }

  #removeIfEmpty(tenantId: string, tenant: TenantStreams): void {
    if (tenant.clientCount === 0 && tenant.topics.size === 0) this.#tenants.delete(tenantId)
  }

  #changeClientCount(tenant: TenantStreams, change: number): void {
    tenant.clientCount += change
    this.#clientCount += change
    this.#options.metrics.liveClients.set(this.#clientCount)
  }
}

/** Equal for requests that can share a stream. */
function topicKeyOf({
  rangeRequest: { timeRange = LIVE_PRESET, startDate, endDate },
  zone,
  filters,
}: LiveRequest): string {
  const { channel, campaignId, workflowId, sequenceId, templateId } = filters
  const range = startDate === undefined ? [timeRange] : [startDate, endDate]
  return JSON.stringify([range, zone.name, channel, campaignId, workflowId, sequenceId, templateId])
}
