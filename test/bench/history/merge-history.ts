/**
 * `bun merge-history.ts <engine directory>`: merges the events of each month into one part with its projections, as after long operation, and prints the number of parts
 * before and after.
 */
import { systemClock } from '../../../src/base/clock.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { runMaintenance } from '../../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../../src/clickhouse/schema/mutations.ts'

const DATABASE = 'analytics'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: DATABASE, readerCount: 1 })
const before = await countParts()
// Parts with and without projections are not merged with each other: the latter get theirs first.
await runMaintenance(store.maintenance, DATABASE, { tenantCount: 1, graceSeconds: 0 })
await waitForMutations(store.maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
await store.maintenance.command(`OPTIMIZE TABLE ${DATABASE}.analytics_events FINAL SETTINGS optimize_throw_if_noop = 1`)
process.stdout.write(JSON.stringify({ before, after: await countParts() }))
await store.close()
process.exit(0)

async function countParts(): Promise<number> {
  const [row] = await store.maintenance.query<{ parts: number }>(
    `SELECT toInt32(count()) AS parts FROM system.parts WHERE database = '${DATABASE}' AND table = 'analytics_events' AND active`,
  )
  return row!.parts
}
