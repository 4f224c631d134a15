import { afterEach, describe, expect, test } from 'bun:test'
import type { Store } from '../../../../src/clickhouse/connection/store-connection.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { connectServerStore } from '../../../../src/clickhouse/connection/server/server-store.ts'
import { StartFailure } from '../../../../src/base/errors.ts'
import { failureOf } from '../../../support/clickhouse-front/client.ts'
import { MIGRATIONS } from '../../../support/store/cluster-golden.ts'
import { CLUSTER } from '../../../support/store/cluster-replies.ts'
import { rowOf } from '../../../support/ingest/event-samples.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { type Reply, startRecorder, type StatementRecorder } from '../../../support/store/statement-recorder.ts'
import { inBlock } from '../../../support/store/event-blocks.ts'

/** A store with a simulated node, since no cluster can be started here. */
let store: Store
let node: StatementRecorder
async function open(replies: readonly Reply[], cluster = CLUSTER.name): Promise<void> {
  node = await startRecorder([
    ...replies,
    { to: /serverTimezone/, rows: [{ name: 'UTC' }] },
    { to: /AS epoch\b/, rows: [{ epoch: '7' }] },
  ])
  const { database } = CLUSTER
  store = connectServerStore({
    url: node.url,
    user: 'u',
    password: '',
    database,
    cluster: cluster || undefined,
    readerCount: 1,
    writer: 'w',
  })
}
afterEach(async () => {
  await store.close()
  node.stop()
})

describe('a block that a shard rejects', () => {
  const REJECTED: Reply = { to: /^INSERT INTO analytics_events/, code: 53 }
  const row = rowOf(1)
  const insert = () => failureOf(createEventStore(store).insertRows(...inBlock([row])))

  test('is looked up and retried when another shard stored its part: dividing the block would store that part twice', async () => {
    await open([REJECTED, { to: /find_stored_ids/, rows: [{ stored_id: row.id }] }])
    expect(await insert()).toMatchObject({ kind: 'unavailable' })
  })

  test('is rejected as a whole when no shard stored a part', async () => {
    await open([REJECTED])
    expect(await insert()).toMatchObject({ kind: 'rejected', engineCode: 53 })
  })

  test('is looked up only when its insert can no longer take effect', async () => {
    await open([REJECTED])
    await insert()
    const statements = node.take().map(({ sql }) => sql)
    const at = (pattern: RegExp) => statements.findLastIndex((sql) => pattern.test(sql))
    expect(at(/^KILL QUERY ON CLUSTER/)).toBeGreaterThan(at(/^INSERT INTO analytics_events/))
    expect(at(/find_stored_ids/)).toBeGreaterThan(at(/^KILL QUERY ON CLUSTER/))
  })
})

describe('the fence of a cluster', () => {
  const fence = () => failureOf(createEventStore(store).fence())

  test.each([
    ['an insert runs on any node', /system\.processes/],
    ['a part waits for its quorum on any shard', /system\.zookeeper/],
  ])('is not complete while %s', async (_, question) => {
    await open([{ to: question, rows: [{ query_id: 'insert:w:1', path: '/quorum' }] }])
    expect(await fence()).toMatchObject({ kind: 'unavailable' })
  })
})

describe('the migrations of a cluster', () => {
  const ledger = (engine: string): Reply[] => [
    { to: /^SELECT name, argMax/, rows: [] },
    { to: /engine_full/, rows: [{ engine }] },
  ]
  const OF_CLUSTER = `ReplicatedReplacingMergeTree('/clickhouse/tables/${CLUSTER.name}/analytics/x', '1') ORDER BY name`
  const apply = () => migrate(store.admin, CLUSTER.database, MIGRATIONS.slice(0, 2), silentLogger)

  test('run no statement on other nodes when a ledger exists', async () => {
    await open(ledger(OF_CLUSTER))
    await apply()
    expect(node.take().filter(({ sql }) => sql.includes('ON CLUSTER'))).toEqual([])
  })

  test.each([
    ['a cluster', 'one server', CLUSTER.name, 'ReplacingMergeTree ORDER BY name', 'CLICKHOUSE_DATABASE'],
    ['one server', 'a cluster', undefined, OF_CLUSTER, 'CLICKHOUSE_CLUSTER'],
    ['a cluster', 'another one', 'other', OF_CLUSTER, 'CLICKHOUSE_CLUSTER'],
  ])('reject on %s a database that was created for %s', async (_, __, cluster, engine, variable) => {
    await open(ledger(engine), cluster ?? '')
    const failure = await failureOf(apply())
    expect(failure).toBeInstanceOf(StartFailure)
    expect(String(failure)).toContain(variable)
  })
})
