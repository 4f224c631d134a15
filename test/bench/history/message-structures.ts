/**
 * `bun message-structures.ts <engine directory>`: compares three structures for the facts of messages over the stored events of a service: an aggregate projection by message,
 * a table of idempotent aggregate states that a view feeds, and the table of facts. Prints JSON. It writes to a database of its own in that directory: give it a copy.
 */
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { EVENT_COLUMNS } from '../../../src/events/columns.ts'
import type { EventRow } from '../../../src/events/event-row.ts'
import { selectList } from '../../../src/clickhouse/write/column-formats.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { inBlock } from '../../support/store/event-blocks.ts'

const DATABASE = 'structures'
const BLOCK_ROWS = 10_000
const BLOCKS = 30
const READS = 10
const TENANT = 'tenant-1'

const store = await connectEmbeddedStore({ path: process.argv[2]!, database: DATABASE, readerCount: 1 })
const { admin } = store
await admin.command(`DROP DATABASE IF EXISTS ${DATABASE}`)
await migrate(admin, DATABASE, readMigrations(), silentLogger)

/** Milliseconds of processor time. */
async function cost(task: () => Promise<unknown>, times: number): Promise<number> {
  const before = process.cpuUsage()
  for (let index = 0; index < times; index++) await task()
  const { user, system } = process.cpuUsage(before)
  return Math.round((user + system) / 100 / times) / 10
}
const bytesOf = async (table: string, projection = '') => {
  const source = projection ? 'projection_parts' : 'parts'
  const [row] = await admin.query<{ bytes: number }>(
    `SELECT toFloat64(sum(bytes_on_disk)) AS bytes FROM system.${source} WHERE database = '${DATABASE}' AND active
    AND table = '${table}' ${projection ? `AND name = '${projection}'` : ''}`,
  )
  return row!.bytes
}

const STATES = `tenant_id, entity_id, minIf(occurred_at, event_type = 'message_sent') AS sent,
  groupUniqArray((id, toString(event_type), occurred_at, metadata)) AS events, argMinIf(channel, occurred_at, event_type = 'message_sent') AS sent_channel`
const IS_MESSAGE = "startsWith(event_type, 'message_')"
const PLAIN = `ENGINE = MergeTree PARTITION BY toYYYYMM(occurred_at) ORDER BY (tenant_id, event_type, occurred_at, id)`

/** The source in the order of arrival, each block as an insert of ingestion is. */
const block = (number: number) =>
  `SELECT * FROM analytics.analytics_events WHERE ${IS_MESSAGE} ORDER BY ingested_at, id LIMIT ${BLOCK_ROWS} OFFSET ${number * BLOCK_ROWS}`
for (let number = 0; number < BLOCKS; number++)
  await admin.command(`CREATE TABLE ${DATABASE}.block_${number} ENGINE = Memory AS ${block(number)}`)

await admin.command(`CREATE TABLE ${DATABASE}.plain AS ${DATABASE}.block_0 ${PLAIN}`)
await admin.command(`CREATE TABLE ${DATABASE}.projected AS ${DATABASE}.block_0 ${PLAIN}`)
await admin.command(
  `ALTER TABLE ${DATABASE}.projected ADD PROJECTION by_message (SELECT ${STATES} GROUP BY tenant_id, entity_id)`,
)
await admin.command(`CREATE TABLE ${DATABASE}.viewed AS ${DATABASE}.block_0 ${PLAIN}`)
await admin.command(`
  CREATE TABLE ${DATABASE}.states (tenant_id String, entity_id String, sent SimpleAggregateFunction(min, DateTime64(3)),
    events SimpleAggregateFunction(groupUniqArrayArray, Array(Tuple(UUID, String, DateTime64(3), String))))
  ENGINE = AggregatingMergeTree ORDER BY (tenant_id, entity_id)`)
await admin.command(`
  CREATE MATERIALIZED VIEW ${DATABASE}.feed TO ${DATABASE}.states AS
  SELECT tenant_id, entity_id, min(if(event_type = 'message_sent', occurred_at, toDateTime64('2100-01-01 00:00:00', 3))) AS sent,
    groupUniqArray((id, toString(event_type), occurred_at, metadata)) AS events
  FROM ${DATABASE}.viewed GROUP BY tenant_id, entity_id`)

const inserts: Record<string, number> = {}
for (const table of ['plain', 'projected', 'viewed']) {
  let number = 0
  inserts[table] = await cost(
    () => admin.command(`INSERT INTO ${DATABASE}.${table} SELECT * FROM ${DATABASE}.block_${number++}`),
    BLOCKS,
  )
}
const events = createEventStore(store, { idFilter: { maxBytes: 64 * 1_048_576 } })
await events.open()
const blocks: EventRow[][] = []
for (let number = 0; number < BLOCKS; number++)
  blocks.push(
    await admin.query<EventRow>(
      `SELECT ${selectList(EVENT_COLUMNS)} FROM ${DATABASE}.block_${number} AS events SETTINGS output_format_json_quote_64bit_integers = 0`,
    ),
  )
let next = 0
const stored = blocks.map((rows) => inBlock(rows))
inserts['facts'] = await cost(() => events.addToMessages(...stored[next++]!), BLOCKS)

/** Messages, and those with an open, that were sent in the last 30 days before the last event. */
const until = `(SELECT max(occurred_at) FROM ${DATABASE}.plain)`
const quarterOf = (column: string) => `toStartOfInterval(${column}, INTERVAL 15 MINUTE, 'UTC')`
const byMessage = (table: string) => `
  SELECT count() AS messages, countIf(arrayExists(event -> event.2 = 'message_opened', events)) AS opened
  FROM (SELECT ${STATES} FROM ${DATABASE}.${table} WHERE tenant_id = '${TENANT}' GROUP BY tenant_id, entity_id)
  WHERE ${quarterOf('sent')} > ${until} - INTERVAL 30 DAY`
const questions = {
  plain: byMessage('plain'),
  projected: byMessage('projected'),
  states: `
    SELECT count() AS messages, countIf(arrayExists(event -> event.2 = 'message_opened', events)) AS opened
    FROM (SELECT entity_id, min(sent) AS first, groupUniqArrayArray(events) AS events FROM ${DATABASE}.states WHERE tenant_id = '${TENANT}' GROUP BY entity_id)
    WHERE ${quarterOf('first')} > ${until} - INTERVAL 30 DAY AND first < toDateTime64('2099-01-01 00:00:00', 3)`,
  facts: `
    SELECT sum(sign * bitTest(state, 0)) AS messages, sum(sign * bitTest(state, 6)) AS opened FROM ${DATABASE}.analytics_message_facts
    WHERE tenant_id = '${TENANT}' AND rules = 1 AND ${quarterOf('sent_at')} > ${until} - INTERVAL 30 DAY`,
}
const answer = async (sql: string) => {
  const [row] = await admin.query<{ messages: number; opened: number }>(
    `${sql} SETTINGS max_threads = 1, output_format_json_quote_64bit_integers = 0`,
  )
  return [row!.messages, row!.opened]
}
for (const table of ['plain', 'projected', 'states', 'analytics_message_facts'])
  await admin.command(`OPTIMIZE TABLE ${DATABASE}.${table} FINAL`)
const reads: Record<string, number> = {}
const answers: Record<string, unknown> = {}
for (const [name, sql] of Object.entries(questions)) {
  answers[name] = await answer(sql)
  reads[name] = await cost(() => answer(sql), READS)
}
// The same blocks once more, as after a lost acknowledgement without a lookup.
await admin.command(`INSERT INTO ${DATABASE}.viewed SELECT * FROM ${DATABASE}.block_0`)
await admin.command(`INSERT INTO ${DATABASE}.projected SELECT * FROM ${DATABASE}.block_0`)
await events.addToMessages(...stored[0]!)
const repeated: Record<string, unknown> = {}
for (const name of ['projected', 'states', 'facts'] as const) repeated[name] = await answer(questions[name])

const bytes = {
  plain: await bytesOf('plain'),
  projection: await bytesOf('projected', 'by_message'),
  states: await bytesOf('states'),
  facts: await bytesOf('analytics_message_facts'),
}
process.stdout.write(
  `${JSON.stringify({ blockRows: BLOCK_ROWS, inserts, reads, answers, repeated, bytes }, null, 2)}\n`,
)
process.exit(0)
