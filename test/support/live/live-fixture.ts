/** The live streams between a writer, an in-memory store and a clock that a test moves. */
import { sleep } from '../../../src/base/clock.ts'
import type { QueryPort } from '../../../src/analytics/query/tenant-query.ts'
import type { EventRow } from '../../../src/events/event-row.ts'
import { EventBuffer } from '../../../src/ingest/writer/event-buffer.ts'
import { Writer } from '../../../src/ingest/writer/writer.ts'
import type { LiveClient } from '../../../src/live/live-client.ts'
import { LiveHub, type LiveHubOptions, type LiveSubscription } from '../../../src/live/live-hub.ts'
import type { LiveRequest } from '../../../src/live/live-topic.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { NOW } from '../ingest/event-samples.ts'
import { MemoryStore } from '../ingest/ingest-ports.ts'
import { bufferEvent, type TestEvent } from '../ingest/writer-fixture.ts'
import type { LiveViewer, Told } from './live-viewer.ts'
import { ManualClock, settled } from '../base/manual-clock.ts'
import { silentLogger } from '../base/silent-logger.ts'

export interface LiveFixtureOptions extends Pick<Partial<LiveHubOptions>, 'isLocal' | 'pollIntervalMs'> {
  /** The delay of a query before and after each of its two reads of the store. */
  readonly delayMs?: () => number
  /** Called before a query: throw to fail it. */
  readonly beforeQuery?: () => void
  readonly maxClients?: number
  readonly maxClientsPerTenant?: number
}

interface Query {
  readonly startedAt: number
  /** Infinity during the query. */
  endedAt: number
}

export function liveFixture({
  delayMs,
  beforeQuery,
  maxClients = 100,
  maxClientsPerTenant = 100,
  ...ofHub
}: LiveFixtureOptions = {}) {
  const clock = new ManualClock(NOW)
  const store = new MemoryStore()
  const metrics = createServiceMetrics()
  const queries: Query[] = []
  const port: QueryPort = {
    async query<Row>(tenantId: string, { parameters }: { parameters: Readonly<Record<string, unknown>> }) {
      const asked: Query = { startedAt: clock.now(), endedAt: Infinity }
      queries.push(asked)
      beforeQuery?.()
      const wait = () => (delayMs ? sleep(clock, delayMs()) : settled())
      const look = (half: number) =>
        store.rows.filter(
          (row) => isAsked(row, tenantId, parameters) && Number.parseInt(row.id.slice(-1), 16) % 2 === half,
        )
      // The store reads parts one after the other, so it may return half of a block that is inserted meanwhile.
      await wait()
      const even = look(0)
      await wait()
      const odd = look(1)
      await wait()
      asked.endedAt = clock.now()
      return tallied([...even, ...odd]) as Row[]
    },
  }
  const hub = new LiveHub({
    port,
    clock,
    logger: silentLogger,
    metrics,
    report: () => {},
    maxClients,
    maxClientsPerTenant,
    ...ofHub,
  })
  hub.open()
  const buffer = new EventBuffer({ bufferSize: Infinity, flushIntervalMs: 2 ** 40, store, clock })
  const writer = new Writer({
    buffer,
    store,
    clock,
    logger: silentLogger,
    report: () => {},
    metrics,
    observer: hub.coordinator,
    settle: () => {},
    reject: () => {},
  })
  writer.start()
  const write = (...events: TestEvent[]) => {
    for (const event of events) bufferEvent(buffer, event)
    buffer.flush()
    return settled()
  }
  const join = (request: Partial<LiveRequest> = {}, reader: Partial<LiveSubscription> = {}) =>
    hub.join(
      { tenantId: 't1', rangeRequest: {}, zone: findTimeZone('UTC')!, filters: {}, ...request },
      { expiresAt: Infinity, isStillAuthorized: () => Promise.resolve(true), lastEventId: undefined, ...reader },
    )
  return { clock, store, metrics, hub, writer, write, join, queries, queryCount: () => queries.length }
}

/** Reads the messages of a client until the end, without delay or with a pause before each message. */
export async function watch(client: LiveClient, viewer: LiveViewer, pause?: () => Promise<void>): Promise<void> {
  for (;;) {
    await pause?.()
    const next = await client.next()
    if (next === undefined) return
    if (next !== 'heartbeat') viewer.take({ ...next, data: JSON.parse(next.data) as Told['data'] })
  }
}

/** The expected counts of a viewer by type and channel. */
export function countsOf(rows: readonly EventRow[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { event_type, channel } of rows) {
    const key = `${toldType(event_type)} ${channel}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(counts).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Custom kinds of enrollments are counted together. */
function toldType(eventType: string): string {
  const kind = /^sequence_enrollment_(.*)$/.exec(eventType)?.[1]
  const isOwn = kind === undefined || /^(started|completed|replied|exited|unsubscribed|bounced)$/.test(kind)
  return isOwn ? eventType : 'sequence_enrollment_*'
}

function isAsked(row: EventRow, tenantId: string, parameters: Readonly<Record<string, unknown>>): boolean {
  const { start, end, channel = row.channel } = parameters as { start: number; end: number; channel?: string }
  return row.tenant_id === tenantId && row.occurred_at >= start && row.occurred_at <= end && row.channel === channel
}

function tallied(rows: readonly EventRow[]) {
  return Object.entries(countsOf(rows)).map(([key, total]) => {
    const [live_type, channel] = key.split(' ')
    return { live_type, channel, total }
  })
}
