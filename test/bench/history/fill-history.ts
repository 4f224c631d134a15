/** `bun fill-history.ts path events`: creates a store with about this number of events in an empty directory, merges it as after long operation, and prints its size. */
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { ensureFirstVersion } from '../../../src/clickhouse/facts/versions/version-table.ts'
import { runMaintenance } from '../../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../../src/clickhouse/schema/mutations.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { RULES_VERSION } from '../../../src/messages/classes/class-rules.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../src/messages/classes/parse-class-rules.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { factsSql } from './facts-sql.ts'
import { EVENTS_PER_SCENARIO, historySql } from './history-sql.ts'

const SCENARIOS_PER_STATEMENT = 2_000_000
const DATABASE = 'analytics'

const [path = '', eventsText = ''] = process.argv.slice(2)
const events = Number(eventsText)
const history = { events, endMs: Date.now() }
const scenarios = Math.round(events / EVENTS_PER_SCENARIO)
const store = await connectEmbeddedStore({ path, database: DATABASE, readerCount: 1 })
await migrate(store.admin, DATABASE, readMigrations(), silentLogger)
// The facts are filled too: nothing has to be calculated when the service starts.
await ensureFirstVersion(store.writer, { rulesVersion: RULES_VERSION, rulesText: DEFAULT_RULES_BY_TENANT.text })
const startedAt = performance.now()
for (let first = 0; first < scenarios; first += SCENARIOS_PER_STATEMENT) {
  const count = Math.min(SCENARIOS_PER_STATEMENT, scenarios - first)
  await store.writer.command(historySql(first, count, history))
  await store.writer.command(factsSql(first, count, history))
  process.stderr.write(
    `  ${Math.round((Math.min(first + SCENARIOS_PER_STATEMENT, scenarios) / scenarios) * 100)} % filled\n`,
  )
}
const filledAt = performance.now()
const runOnce = () => runMaintenance(store.maintenance, DATABASE, { tenantCount: 1, graceSeconds: 0 })
const { mergedMonths } = await runOnce()
await waitForMutations(store.maintenance, { database: DATABASE, commands: 'MATERIALIZE', clock: systemClock })
const { eventRows, eventParts, eventBytes } = await runOnce()
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
