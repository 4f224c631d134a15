/** `bun fill-history.ts path events`: makes a store of about so many events in an empty directory, and merges it as a service that has run for long has. Prints what became of it. */
import { connectEmbedded } from '../../src/clickhouse/embedded-store.ts'
import { maintain } from '../../src/clickhouse/maintenance.ts'
import { mutationsDone } from '../../src/clickhouse/mutations.ts'
import { migrate } from '../../src/clickhouse/migrate.ts'
import { systemClock } from '../../src/clock.ts'
import { readMigrations } from '../../src/host/files.ts'
import { silentLogger } from '../support/base/silent-logger.ts'
import { EVENTS_A_STORY, historySql } from './history-sql.ts'

const STORIES_A_STATEMENT = 2_000_000
const DATABASE = 'analytics'

const [path = '', eventsText = ''] = process.argv.slice(2)
const events = Number(eventsText)
const stories = Math.round(events / EVENTS_A_STORY)
const store = await connectEmbedded({ path, database: DATABASE, readerCount: 1 })
await migrate(store.admin, DATABASE, readMigrations(), silentLogger)
const startedAt = performance.now()
for (let first = 0; first < stories; first += STORIES_A_STATEMENT) {
  await store.writer.command(historySql(first, Math.min(STORIES_A_STATEMENT, stories - first), events))
  process.stderr.write(`  ${Math.round((Math.min(first + STORIES_A_STATEMENT, stories) / stories) * 100)} % filled\n`)
}
const filledAt = performance.now()
const care = () => maintain(store.maintenance, DATABASE, { tenantCount: 1, graceSeconds: 0 })
const { mergedMonths } = await care()
await mutationsDone(store.maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
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
