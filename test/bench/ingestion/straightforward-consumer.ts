/**
 * `bun straightforward-consumer.ts <broker> <events> <durable> <directory>`: a straightforward implementation of ingestion: buffers of 100 events, one JSON insert per
 * buffer, one acknowledgement per message, random ids and no check for duplicates. It uses the same engine and the same table.
 *
 * Fair to both: an insert is awaited, and its rows can be queried then, before its messages are acknowledged and the next buffer is filled. The embedded engine inserts
 * synchronously, whatever `async_insert` is: it has no queue for asynchronous inserts. One buffer for all tenants, because one per tenant would fill no later and insert no
 * less. The time is that of the service: from the first delivery until all rows can be queried, with all messages acknowledged. Merges that are due then are not part of it;
 * names of entities, which the service writes too, are left out.
 */
import { createClient } from '@clickhouse/client'
import { createChdbConnection } from 'chdb/connection'
import { AckPolicy, connect, type JsMsg } from 'nats'
import { findEventDefinition } from '../../../src/events/catalogue.ts'
import { type EventEnvelope, parseEventEnvelope } from '../../../src/events/event-envelope.ts'
import { normaliseEvent, type NormalisedEvent } from '../../../src/events/normalise/normalise-event.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'

const BUFFER_SIZE = 100
const DATABASE = 'analytics'

const [url, events, durable, path] = process.argv.slice(2)
const store = await connectEmbeddedStore({ path: path!, database: DATABASE, readerCount: 1 })
await migrate(store.admin, DATABASE, readMigrations(), silentLogger)
// The types of the client do not include the connection object of the embedded engine.
const client = createClient({ connection: createChdbConnection({ path: path! }) } as unknown as Parameters<
  typeof createClient
>[0])
const connection = await connect({ servers: url! })
const jsm = await connection.jetstreamManager()
await jsm.consumers.add('EVENTS', { durable_name: durable!, ack_policy: AckPolicy.Explicit, max_ack_pending: 1_000 })
const consumer = await connection.jetstream().consumers.get('EVENTS', durable)
let startedAt = 0
let count = 0
let buffer: { row: object; message: JsMsg }[] = []
for await (const message of await consumer.consume({ max_messages: 1_000 })) {
  if (count === 0) startedAt = performance.now()
  const { row } = normaliseEvent(parseEventEnvelope(message.data) as EventEnvelope, {
    definition: findEventDefinition(message.subject)!,
    position: { stream: 'EVENTS', sequence: message.seq, storedAt: 0 },
    messageId: undefined,
    now: Date.now(),
  }) as NormalisedEvent
  buffer.push({ row: { ...row, id: crypto.randomUUID() }, message })
  if (buffer.length === BUFFER_SIZE) {
    await client.insert({
      table: `${DATABASE}.analytics_events`,
      values: buffer.map((entry) => entry.row),
      format: 'JSONEachRow',
    })
    for (const entry of buffer) entry.message.ack()
    buffer = []
  }
  if (++count === Number(events)) break
}
// Sends the last acknowledgements.
await connection.flush()
const seconds = (performance.now() - startedAt) / 1000
const stored = await client.query({
  query: `SELECT count() AS rows FROM ${DATABASE}.analytics_events`,
  format: 'JSONEachRow',
})
const [counted] = await stored.json<{ rows: string }>()
if (Number(counted?.rows) !== count) throw new Error(`The store has ${counted?.rows} rows, not ${count}.`)
process.stdout.write(JSON.stringify({ events: count, seconds }))
process.exit(0)
