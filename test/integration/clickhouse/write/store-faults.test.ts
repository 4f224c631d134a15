import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { connectServerStore } from '../../../../src/clickhouse/connection/server/server-store.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import type { Store } from '../../../../src/clickhouse/connection/store-connection.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import { Ingestion } from '../../../../src/ingest/ingestion.ts'
import type { EventStore } from '../../../../src/ingest/ports.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import type { Fault } from '../../../support/clickhouse-front/faults.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { deliveryOf, envelope } from '../../../support/ingest/event-samples.ts'
import { MemoryLetters, PlayedSource } from '../../../support/ingest/ingest-ports.ts'
import { limitsOf, withoutQuotas } from '../../../support/ingest/ingest-fixture.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { readRows } from '../../../support/store/store-queries.ts'
import { until } from '../../../support/process/until.ts'

const STARTING_MS = 30_000
const COUNT = 200
let front: ClickHouseFront
let store: Store
let events: EventStore

beforeAll(async () => {
  front = await startClickHouseFront()
  store = connectServerStore({
    url: front.url,
    user: 'default',
    password: '',
    database: 'faults',
    readerCount: 1,
    writer: 'test',
  })
  await migrate(store.admin, 'faults', readMigrations(), silentLogger)
  events = createEventStore(store)
  await events.open()
}, STARTING_MS)
afterAll(async () => {
  await store.close()
  await front.stop()
}, STARTING_MS)
beforeEach(async () => {
  await front.clearFaults()
})

const INSERT = 'INSERT INTO analytics_events'
const html = { status: 502, body: '<html>Bad Gateway</html>' }

describe('a store that', () => {
  let tenantNumber = 0
  test.each<[string, Fault[]]>([
    ['drops the response of an insert that it has applied', [{ match: INSERT, at: 'after', drop: true }]],
    ['drops an insert before it is applied', [{ match: INSERT, drop: true, times: 2 }]],
    ['responds with HTML after it has applied the insert', [{ match: INSERT, at: 'after', fail: html }]],
    ['has too many parts', [{ match: INSERT, fail: { status: 500, code: 252 }, times: 3 }]],
    ['is out of memory', [{ match: INSERT, fail: { status: 500, code: 241 }, times: 3 }]],
    ['is read-only', [{ match: INSERT, fail: { status: 500, code: 164 }, times: 3 }]],
    ['fails lookups of stored ids', [{ match: 'find_stored_ids', fail: { status: 503 }, times: 3 }]],
    [
      'cannot fence after a failure',
      [
        { match: INSERT, at: 'after', drop: true },
        { match: 'KILL QUERY', fail: html, times: 3 },
      ],
    ],
    ['fails all requests for a while', [{ fail: { status: 503 }, times: 5 }]],
  ])(
    '%s stores every event once, and no event is acknowledged before',
    async (_, faults) => {
      const tenantId = `tenant-${tenantNumber++}`
      await front.fault(...faults)
      const source = new PlayedSource()
      const letters = new MemoryLetters()
      const ingestion = new Ingestion({
        ...{
          store: events,
          deadLetters: letters,
          bufferSize: 50,
          flushIntervalMs: 20,
          metrics: createServiceMetrics(),
        },
        ...{
          limits: limitsOf(1_000, 10_000_000),
          circuitBreakerWindowEvents: 0,
          clock: systemClock,
          logger: silentLogger,
        },
        ...withoutQuotas(systemClock),
      })
      ingestion.start()
      await ingestion.consume(source)
      for (let sequence = 1; sequence <= COUNT; sequence++) {
        const body = envelope({}, { tenantId, eventId: `e${sequence}`, timestamp: Date.now() })
        source.handler!.deliver(deliveryOf(sequence, body))
      }
      const storedWhenFirstAcknowledged = until(() => source.acknowledged[0], 20_000).then(
        async (floor) => (await readRows(store.readers[0]!, tenantId)).length - floor,
      )
      await until(() => source.acknowledged.at(-1) === COUNT, 20_000)
      expect(await storedWhenFirstAcknowledged).toBeGreaterThanOrEqual(0)
      await ingestion.stop(AbortSignal.timeout(5_000))
      for (const { fault, hits } of await front.clearFaults()) expect(hits).toBe(fault.times ?? 1)
      const rows = await readRows(store.writer, tenantId)
      expect(rows).toHaveLength(COUNT)
      expect(new Set(rows.map(({ id }) => id)).size).toBe(COUNT)
      expect(letters.letters).toEqual([])
    },
    STARTING_MS,
  )
})
