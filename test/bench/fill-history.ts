/** `bun fill-history.ts path events`: makes a store of about so many events in an empty directory, and merges it as a service that has run for long has. Prints what became of it. */
import { connectEmbeddedStore } from '../../src/clickhouse/connection/embedded-store.ts'
import { runMaintenance } from '../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../src/clickhouse/schema/mutations.ts'
import { migrate } from '../../src/clickhouse/schema/migrate.ts'
import { systemClock } from '../../src/base/clock.ts'
import { readMigrations } from '../../src/host/project-files.ts'
import { silentLogger } from '../support/base/silent-logger.ts'
import { EVENTS_A_STORY, historySql } from './history-sql.ts'

const STORIES_A_STATEMENT = 2_000_000
const DATABASE = 'analytics'

const [path = '', eventsText = ''] = process.argv.slice(2)
const events = Number(eventsText)
const stories = Math.round(events / EVENTS_A_STORY)
const store = await connectEmbeddedStore({ path, database: DATABASE, readerCount: 1 })
await migrate(store.admin, DATABASE, readMigrations(), silentLogger)
const startedAt = performance.now()
for (let first = 0; first < stories; first += STORIES_A_STATEMENT) {
  await store.writer.command(historySql(first, Math.min(STORIES_A_STATEMENT, stories - first), events))
  process.stderr.write(`  ${Math.round((Math.min(first + STORIES_A_STATEMENT, stories) / stories) * 100)} % filled\n`)
}
const filledAt = performance.now()
const care = () => runMaintenance(store.maintenance, DATABASE, { tenantCount: 1, graceSeconds: 0 })
const { mergedMonths } = await care()
await waitForMutations(store.maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
const { eventRows, eventParts, eventBytes } = await care()
process.stdout.write(
  JSON.stringify({
    rows: eventRows,
    parts: eventParts,
    mebibytes: Math.round(eventBytes / 2 ** 20),
    fillSeconds: Math.round((filledAt - startedAt) / 1000),
    mergedMonths,
    mergeSeconds: Math.round((performance.now() - filledAt) / 1000),
  }),
)
await store.close()
process.exit(0)
