/**
 * `bun merge-history.ts <engine directory>`: merges the events of each month into one part with its projections, as after long operation, and prints the number of parts
 * before and after.
 */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { mergeMonths } from './merge-months.ts'

const DATABASE = 'analytics'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: DATABASE, readerCount: 1 })
const before = await countParts()
await mergeMonths(store, DATABASE)
process.stdout.write(JSON.stringify({ before, after: await countParts() }))
await store.close()
process.exit(0)

async function countParts(): Promise<number> {
  const [row] = await store.maintenance.query<{ parts: number }>(
    `SELECT toInt32(count()) AS parts FROM system.parts WHERE database = '${DATABASE}' AND table = 'analytics_events' AND active`,
  )
  return row!.parts
}
