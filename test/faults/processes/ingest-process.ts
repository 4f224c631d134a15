/**
 * Ingestion in a process of its own, on real parts, that can die at a chosen instant: between the store's answer to an insert and the acknowledgement. Ends by
 * itself with exit code 0 when the stream has nothing left, and prints what is stored.
 */
import { parseArgs } from 'node:util'
import { systemClock } from '../../../src/base/clock.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { FactsKeeper } from '../../../src/clickhouse/facts/versions/facts-keeper.ts'
import { ONE_PARTITION } from '../../../src/clickhouse/facts/versions/partition-progress.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { ingestLimits } from '../../../src/ingest/accounting/in-flight-budget.ts'
import { Ingestion } from '../../../src/ingest/ingestion.ts'
import type { EventStore } from '../../../src/ingest/ports.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { livePlan } from '../../../src/nats/consumer/consumer-plan.ts'
import { NatsEventSource } from '../../../src/nats/consumer/event-source.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { withoutQuotas } from '../../support/ingest/ingest-fixture.ts'
import {
  eventsOfMessages,
  factsOfMessages,
  factsDifferences,
  type StoredEvent,
  type StoredFacts,
} from '../../support/oracle/stored-facts.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const { values } = parseArgs({
  options: {
    path: { type: 'string' },
    nats: { type: 'string' },
    /** Dies by SIGKILL once so many inserts have been stored. */
    'die-after-inserts': { type: 'string' },
    /** Dies likewise once so many inserts of facts of messages have been stored. */
    'die-after-facts': { type: 'string' },
    /** Dies by SIGKILL when it is to bring the messages of stored events up to date for the so-many-th time. */
    'die-before-facts': { type: 'string' },
    /** Adds events whose facts a predecessor has left out. */
    'repair-facts': { type: 'boolean' },
    /** The control: nobody looks what is stored already. */
    'without-lookup': { type: 'boolean' },
    /** The control: the facts of messages do not get the events that are delivered again. */
    'without-repeated-facts': { type: 'boolean' },
  },
})

const metrics = createServiceMetrics()
const store = await connectEmbeddedStore({ path: values.path!, database: 'analytics', readerCount: 1 })
await migrate(store.admin, 'analytics', readMigrations(), silentLogger)
let [inserts, factsInserts] = [0, 0]
const real = createEventStore({
  ...store,
  openWriter(name) {
    const writer = store.openWriter(name)
    return {
      ...writer,
      async insert(target, block) {
        await writer.insert(target, block)
        if (target.table !== 'analytics_message_facts') return
        if (++factsInserts === Number(values['die-after-facts'])) process.kill(process.pid, 'SIGKILL')
      },
    }
  },
})
await real.open()

const keeper = new FactsKeeper({
  events: real,
  maintenance: store.maintenance,
  database: 'analytics',
  partitions: ONE_PARTITION,
  isLeader: () => true,
  clock: systemClock,
  logger: silentLogger,
  report: (_, error) => {
    throw error
  },
})
await keeper.take(0)
if (values['repair-facts']) keeper.start()

let factWrites = 0
const events: EventStore = {
  ...real,
  findStored: (...lookup) =>
    values['without-lookup'] ? Promise.resolve(new Uint32Array()) : real.findStored(...lookup),
  async insertRows(...insert) {
    await real.insertRows(...insert)
    if (++inserts === Number(values['die-after-inserts'])) process.kill(process.pid, 'SIGKILL')
  },
  async addToMessages(block, inserted, repeated) {
    if (++factWrites === Number(values['die-before-facts'])) process.kill(process.pid, 'SIGKILL')
    await real.addToMessages(block, inserted, values['without-repeated-facts'] ? undefined : repeated)
  },
}

const connection = await connectNats({ servers: [values.nats!], name: 'fault test' })
const jsm = await connection.jetstreamManager()
await ensureDeadLetterStream(jsm)
const limits = ingestLimits(64 * 1_048_576, 100, 1_048_576)
const shared = { clock: systemClock, logger: silentLogger }
const source = new NatsEventSource({
  ...shared,
  connection,
  durable: 'analytics',
  plan: livePlan({
    connection,
    stream: undefined,
    durable: 'analytics',
    limits: { maxAckPending: limits.maxEvents, ackWaitMs: limits.ackWaitMs },
    logger: silentLogger,
  }),
})
const ingestion = new Ingestion({
  ...shared,
  metrics,
  store: events,
  deadLetters: new DeadLetterStream(connection),
  bufferSize: 100,
  flushIntervalMs: 100,
  limits,
  circuitBreakerWindowEvents: 0,
  ...withoutQuotas(systemClock),
})
ingestion.start()
await ingestion.consume(source)

await until(
  async () => {
    const { num_pending, num_ack_pending } = await jsm.consumers.info('EVENTS', 'analytics')
    return num_pending + num_ack_pending === 0
  },
  30_000,
  'the stream to be empty',
)
await ingestion.stop(AbortSignal.timeout(5_000))
if (values['repair-facts']) await until(() => keeper.isRepaired, 30_000, 'the facts to be repaired')
const [stored] = await store.writer.query<object>(
  'SELECT toInt32(count()) AS rows, toInt32(uniqExact(id)) AS ids, (SELECT toInt32(sum(sign * bitTest(state, 0))) FROM analytics_message_facts) AS messages FROM analytics_events',
)
const facts = await store.writer.query<StoredFacts>(factsOfMessages())
const { length: wrongMessages } = factsDifferences(await store.writer.query<StoredEvent>(eventsOfMessages()), facts)
const messages = new Set(facts.map(({ tenant_id, message_id }) => `${tenant_id}/${message_id}`))
const doubledMessages = facts.length - messages.size
process.stdout.write(`${JSON.stringify({ ...stored, wrongMessages, doubledMessages })}\n`)
await connection.close()
await store.close()
process.exit(0)
