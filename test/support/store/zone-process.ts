/**
 * The store and a dashboard in a process with another time zone: `TZ=… bun zone-process.ts <data directory>`. Stores rows around the beginning of a month in several zones,
 * one partition per block, and prints the results as JSON.
 */
import { messages } from '../../../src/analytics/dashboards/messages.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { findTimeZone } from '../../../src/base/time-zone.ts'
import { rowOf } from '../ingest/event-samples.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { readRows } from './store-queries.ts'
import { testFactsAsOf } from './facts/test-facts.ts'
import { inBlock } from './event-blocks.ts'

const database = 'zone_test'
const store = await connectEmbeddedStore({ path: process.argv[2]!, database, readerCount: 1 })
await migrate(store.admin, database, readMigrations(), silentLogger)
const events = createEventStore(store)
await events.open()

const HOUR_MS = 3_600_000
const now = new Date()
const month = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)
/** The beginning of the month in UTC, in New York with winter and summer time, in Kathmandu, on Kiritimati. */
const beginnings = [0, 4, 5, -5.75, -14].map((hours) => month + hours * HOUR_MS)
const instants = [...beginnings.flatMap((at) => [at - 1, at]), month + 3 * HOUR_MS]
const rows = instants.map((occurred_at, index) => rowOf(index, { tenant_id: 'zone', occurred_at }))
const blocks = [...Map.groupBy(rows, ({ occurred_at }) => events.storePartitionOf(occurred_at)).values()]
for (const block of blocks) await events.insertRows(...inBlock(block))
await events.writeNames([{ tenant_id: 'zone', kind: 'campaign', id: 'c', name: 'n', occurred_at: month }])
const stored = await readRows(store.writer, 'zone')

const port = createQueryPort(store, systemClock, createServiceMetrics())
const range = { start: month - HOUR_MS, end: month + 6 * HOUR_MS - 1 }
const { timeSeries } = await messages.read(port, {
  tenantId: 'zone',
  range,
  zone: findTimeZone('UTC')!,
  granularity: 'hour',
  facts: testFactsAsOf(range.end),
})
const [named] = await store.writer.query<{ at: number }>(
  'SELECT toUnixTimestamp64Milli(max(latest).1) AS at FROM analytics_names SETTINGS output_format_json_quote_64bit_integers = 0',
)
await store.close()

console.log(
  JSON.stringify({
    serverZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
    instants,
    storedInstants: stored.map(({ at }) => at),
    blockCount: blocks.length,
    partsPerBlock: blocks.map(
      (block) =>
        new Set(stored.filter(({ id }) => block.some((row) => row.id === id)).map(({ partition }) => partition)).size,
    ),
    sentPerHour: timeSeries.map(({ sent }) => sent),
    nameIsAtMonth: named?.at === month,
  }),
)
