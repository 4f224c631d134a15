/** `bun store-bytes.ts <engine directory>`: merges each month of events and of facts into one part, as long operation does, and prints the bytes of each table on disk as JSON. */
import { systemClock } from '../../../src/base/clock.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { runMaintenance } from '../../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../../src/clickhouse/schema/mutations.ts'

const DATABASE = 'analytics'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: DATABASE, readerCount: 1 })
// Parts with and without projections are not merged with each other: the latter get theirs first.
await runMaintenance(store.maintenance, DATABASE, { tenantCount: 1, graceSeconds: 0 })
await waitForMutations(store.maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
// By default, the statement has no effect where it cannot merge.
for (const table of ['analytics_events', 'analytics_message_facts'])
  await store.admin.command(`OPTIMIZE TABLE ${DATABASE}.${table} FINAL SETTINGS optimize_throw_if_noop = 1`)
const tables = await store.admin.query<{ table: string; rows: number; bytes: number }>(`
  SELECT table, toInt64(sum(rows)) AS rows, toInt64(sum(bytes_on_disk)) AS bytes
  FROM system.parts WHERE database = '${DATABASE}' AND active GROUP BY table ORDER BY bytes DESC`)
const projections = await store.admin.query<{ projection: string; bytes: number }>(`
  SELECT name AS projection, toInt64(sum(bytes_on_disk)) AS bytes
  FROM system.projection_parts WHERE database = '${DATABASE}' AND table = 'analytics_events' AND active GROUP BY name ORDER BY name`)
const columns = await store.admin.query<{ column: string; bytes: number }>(`
  SELECT column, toInt64(sum(column_data_compressed_bytes)) AS bytes
  FROM system.parts_columns WHERE database = '${DATABASE}' AND table = 'analytics_events' AND active GROUP BY column ORDER BY bytes DESC`)
process.stdout.write(JSON.stringify({ tables, projections, columns }))
process.exit(0)
