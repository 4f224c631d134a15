/**
 * `bun filter-process.ts <engine directory> store | find`: `store` stores ROWS rows, keeps the filter of stored ids in its file, stores REPEATED events, and is killed at
 * once. `find` looks these events up as the next process, and prints how many are found, and the number of ids in the filter.
 */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { deriveEventId } from '../../../src/events/identity.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { NOW, rowOf } from '../ingest/event-samples.ts'
import { until } from '../process/until.ts'
import { inBlock } from './event-blocks.ts'

const ROWS = 60_000
const REPEATED = 500

const [path = '', task] = process.argv.slice(2)
const store = await connectEmbeddedStore({ path, database: 'analytics', readerCount: 1 })
await migrate(store.admin, 'analytics', readMigrations(), silentLogger)
const events = createEventStore(store, { idFilter: { maxBytes: 8 * 1_048_576 } })
const rows = Array.from({ length: REPEATED }, (_, index) => {
  const id = deriveEventId('t', `repeated ${index}`, { stream: '', sequence: 0, storedAt: 0 })
  return rowOf(index, { tenant_id: 't', id, occurred_at: NOW })
})
const open = async () => {
  await events.open()
  await until(() => events.filterState()?.isComplete, 20_000, 'the filter')
}

if (task === 'store') {
  await store.writer.command(
    `INSERT INTO analytics_events (id, tenant_id, event_type, occurred_at)
     SELECT generateUUIDv4(), 't', 'message_sent', fromUnixTimestamp64Milli(${NOW}) FROM numbers(${ROWS})`,
  )
  await open()
  await events.close(AbortSignal.timeout(20_000))
  await events.insertRows(...inBlock(rows))
  process.kill(process.pid, 'SIGKILL')
}
await open()
const found = await events.findStored(...inBlock(rows))
process.stdout.write(JSON.stringify({ found: found.length, ids: events.filterState()!.ids }))
await store.close()
process.exit(0)
