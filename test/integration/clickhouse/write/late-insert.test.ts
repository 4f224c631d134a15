import { afterAll, beforeAll, expect, test } from 'bun:test'
import { createClient } from '@clickhouse/client'
import type { Store } from '../../../../src/clickhouse/connection/store-connection.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { connectServerStore } from '../../../../src/clickhouse/connection/server/server-store.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import type { EventStore } from '../../../../src/ingest/ports.ts'
import { failureOf } from '../../../support/clickhouse-front/client.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { pause, until } from '../../../support/process/until.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

/** The delay after which the server starts an abandoned insert. */
const ABANDON_MS = 1_500
const INTO_EVENTS = 'INSERT INTO analytics_events'

let front: ClickHouseFront
let store: Store
let events: EventStore
beforeAll(async () => {
  front = await startClickHouseFront()
  store = connectServerStore({
    url: front.url,
    user: 'default',
    password: '',
    database: 'late',
    readerCount: 1,
    writer: 'late',
  })
  await migrate(store.admin, 'late', readMigrations(), silentLogger)
  events = createEventStore(store, { idFilter: { maxBytes: 8 * 1_048_576 } })
  await events.open()
}, 60_000)
afterAll(async () => {
  await store.close()
  await front.stop()
}, 60_000)

const countRows = async (tenant: string) => {
  const [row] = await store.writer.query<{ rows: number }>(
    'SELECT toInt32(count()) AS rows FROM analytics_events WHERE tenant_id = {tenant:String}',
    { tenant },
  )
  return row!.rows
}

test('an insert that a stalled server starts after the fence stores nothing', async () => {
  const row = rowOf(1, { tenant_id: 'late' })
  await front.fault({ match: INTO_EVENTS, abandonMs: ABANDON_MS })
  expect(await failureOf(events.insertRows(...inBlock([row])))).toBeInstanceOf(Error)
  await events.fence()
  expect((await events.findStored(...inBlock([row]))).length).toBe(0)
  await events.insertRows(...inBlock([row]))
  await pause(ABANDON_MS)
  expect(await countRows('late')).toBe(1)
})

test('an insert of a killed process stores nothing after its successor has started', async () => {
  const row = rowOf(3, { tenant_id: 'killed' })
  await front.fault({ match: INTO_EVENTS, abandonMs: ABANDON_MS })
  expect(await failureOf(events.insertRows(...inBlock([row])))).toBeInstanceOf(Error)
  const next = connectServerStore({
    url: front.url,
    user: 'default',
    password: '',
    database: 'late',
    readerCount: 1,
    writer: 'late',
  })
  const successor = createEventStore(next)
  await successor.open()
  expect((await successor.findStored(...inBlock([row]))).length).toBe(0)
  await successor.insertRows(...inBlock([row]))
  await pause(ABANDON_MS)
  expect(await countRows('killed')).toBe(1)
  // The first process, if it still runs, cannot write any more.
  expect(await failureOf(events.insertRows(...inBlock([rowOf(4, { tenant_id: 'killed' })])))).toMatchObject({
    engineCode: 395,
  })
  await next.close()
})

test('control: without an epoch, the same insert stores its rows after the lookup', async () => {
  const client = createClient({ url: front.url, database: 'late', log: { level: 127 } })
  await front.fault({ match: INTO_EVENTS, abandonMs: ABANDON_MS })
  const row = rowOf(2, { tenant_id: 'control' })
  const insert = client.insert({
    table: 'analytics_events',
    values: [{ ...row, occurred_at: new Date(row.occurred_at).toISOString().slice(0, -1).replace('T', ' ') }],
    format: 'JSONEachRow',
    query_id: 'abandoned',
  })
  expect(await failureOf(insert)).toBeInstanceOf(Error)
  await client.command({ query: "KILL QUERY WHERE query_id = 'abandoned' SYNC" })
  expect(await countRows('control')).toBe(0)
  await until(async () => (await countRows('control')) === 1, 20_000, 'the abandoned insert to land')
  await client.close()
})
