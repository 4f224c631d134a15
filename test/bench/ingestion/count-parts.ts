/** `bun count-parts.ts <engine directory>`: prints the number of active parts of the events table and of their rows. It runs in its own process because a process can open one directory only. */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: 'analytics', readerCount: 1 })
const [row] = await store.admin.query<{ parts: number; rows: number }>(
  "SELECT toInt32(count()) AS parts, toFloat64(sum(rows)) AS rows FROM system.parts WHERE database = 'analytics' AND table = 'analytics_events' AND active",
)
process.stdout.write(JSON.stringify(row))
process.exit(0)
