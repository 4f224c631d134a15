/**
 * `bun facts-process.ts <engine directory> build | resume`: `build` stores events of messages and builds a version of their facts for other rules, until it is killed after a few
 * slices. `resume` continues as the next process while further events arrive, and prints how much was built before and the counts of the new version.
 */
import { systemClock } from '../../../../src/base/clock.ts'
import { connectEmbeddedStore } from '../../../../src/clickhouse/connection/embedded-store.ts'
import { FactsKeeper } from '../../../../src/clickhouse/facts/versions/facts-keeper.ts'
import { ONE_PARTITION } from '../../../../src/clickhouse/facts/versions/partition-progress.ts'
import { readProgress } from '../../../../src/clickhouse/facts/versions/progress-table.ts'
import { readVersions } from '../../../../src/clickhouse/facts/versions/version-table.ts'
import { migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import { rulesOfText } from '../../../../src/messages/classes/parse-class-rules.ts'
import { silentLogger } from '../../base/silent-logger.ts'
import { until } from '../../process/until.ts'
import { ingest } from './facts-fixture.ts'
import { CHANGED_RULES, randomMessageRows, storedCounts } from './message-facts.ts'

const SLICES_BEFORE_KILL = 5

const [path = '', task] = process.argv.slice(2)
const database = 'analytics'
const store = await connectEmbeddedStore({ path, database, readerCount: 1 })
await migrate(store.admin, database, readMigrations(), silentLogger)
const rows = randomMessageRows(20_261_203, 600)

if (task === 'build') {
  const events = createEventStore(store)
  await events.open()
  await ingest({ events }, rows.slice(0, 400))
}
const events = createEventStore(store, { classRules: rulesOfText(CHANGED_RULES)! })
const { facts } = events
let slices = 0
const addStored = facts.addStored.bind(facts)
facts.addStored = async (...slice) => {
  await addStored(...slice)
  if (task === 'build' && ++slices === SLICES_BEFORE_KILL) process.kill(process.pid, 'SIGKILL')
}
await events.open()
const keeper = new FactsKeeper({
  events,
  maintenance: store.maintenance,
  database,
  partitions: ONE_PARTITION,
  isLeader: () => true,
  sliceEvents: 20,
  clock: systemClock,
  logger: silentLogger,
  report: (_, error) => {
    throw error
  },
})
const [before] = await readProgress(store.lookups, [2])
await keeper.take(0)
keeper.start()
if (task === 'resume') await ingest({ events }, rows.slice(400))
const isActive = async () =>
  (await readVersions(store.lookups)).some(({ number, state }) => number === 2 && state === 'active')
await until(isActive, 60_000, 'the second version')
process.stdout.write(JSON.stringify({ before, counts: await storedCounts(store.lookups, 2) }))
await keeper.stop(AbortSignal.timeout(10_000))
await store.close()
process.exit(0)
