/** `bun count-parts.ts <engine directory>`: how many active parts the events table has. In a process of its own, as one can have a single directory open. */
import { connectEmbeddedStore } from '../../src/clickhouse/connection/embedded-store.ts'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: 'analytics', readerCount: 1 })
const [row] = await store.admin.query<{ parts: number }>(
  "SELECT toInt32(count()) AS parts FROM system.parts WHERE database = 'analytics' AND table = 'analytics_events' AND active",
)
process.stdout.write(JSON.stringify(row))
process.exit(0)
