/**
 * Judges one alert rule in a process of its own, on real parts, and sends its notification; it can die by SIGKILL at a chosen instant. Ends by itself with exit code 0 when the
 * notification is settled, and prints its status.
 */
import { parseArgs } from 'node:util'
import type { AlertDefinition } from '../../../src/alerts/alert-definition.ts'
import { Evaluator } from '../../../src/alerts/evaluation/evaluator.ts'
import { type AlertTarget, deliveriesOf } from '../../../src/alerts/notifications/notification.ts'
import { createNotificationSender } from '../../../src/alerts/notifications/send-notification.ts'
import type { AlertRecordStore } from '../../../src/alerts/ports.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import type { Definition } from '../../../src/definitions/ports.ts'
import type { DeliveryStore } from '../../../src/delivery/delivery-store.ts'
import { DeliveryWorker } from '../../../src/delivery/delivery-worker.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { createWebhookClient } from '../../../src/host/webhook-client.ts'
import { createAlertRecordStore } from '../../../src/nats/alerts/alert-records.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { createDeliveryStore } from '../../../src/nats/deliveries/delivery-store.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'
import { storeFeed } from '../../support/store/stored-feed.ts'
import { testFactsAsOf } from '../../support/store/facts/test-facts.ts'

const { values } = parseArgs({
  options: {
    path: { type: 'string' },
    nats: { type: 'string' },
    webhook: { type: 'string' },
    /** The present, epoch milliseconds, half past an hour; the hour before has forty messages. */
    now: { type: 'string' },
    fill: { type: 'boolean' },
    /** When to die: `judged` (before the record is written), `recorded`, `opened` (the delivery is listed as open), `answered` (before the outcome is recorded). */
    die: { type: 'string' },
    /** The control: changes of state are stored without what has to be told. */
    'without-outbox': { type: 'boolean' },
    /** The control: a delivery that was being sent counts as one that was not. */
    'without-claims': { type: 'boolean' },
  },
})

const HOUR_MS = 3_600_000
const startedAt = performance.now()
const present = () => Math.floor(Number(values.now) + performance.now() - startedAt)
const clock = { ...systemClock, now: present }
const die = (at: string) => {
  if (values.die === at) process.kill(process.pid, 'SIGKILL')
}

const store = await connectEmbeddedStore({ path: values.path!, database: 'analytics', readerCount: 2 })
await migrate(store.admin, 'analytics', readMigrations(), silentLogger)
if (values.fill) {
  const events = createEventStore(store)
  await events.open()
  const from = Math.floor(present() / HOUR_MS) * HOUR_MS - HOUR_MS
  const feed = Array.from({ length: 40 }, (_, index) => {
    const data = { messageId: `m-${index}`, channel: 'email' }
    return [
      'pipeline.message.sent',
      { eventId: `e-${index}`, tenantId: 'tenant-1', timestamp: from + index * 60_000, data },
    ] as const
  })
  await storeFeed(events, feed, present())
}

const definition: Definition<AlertDefinition> = {
  tenantId: 'tenant-1',
  id: 'rule-1',
  version: 1,
  revision: 1,
  createdAt: 1,
  changedAt: 1,
  body: {
    judgedSince: 1,
    rule: {
      name: 'Too many',
      metric: 'sent',
      granularity: 'hour',
      detector: { kind: 'threshold', above: 20 },
      settleMinutes: 0,
      for: 1,
      notify: { webhooks: [{ url: values.webhook!, secret: 'a secret of the test' }] },
    },
  },
}

const connection = await connectNats({ servers: [values.nats!], name: 'fault test' })
const realRecords = createAlertRecordStore(() => connection)
const records: AlertRecordStore = {
  ...realRecords,
  async write(tenantId, ruleId, record, expected) {
    die('judged')
    const written = values['without-outbox'] ? { ...record, outbox: [] } : record
    const revision = await realRecords.write(tenantId, ruleId, written, expected)
    die('recorded')
    return revision
  },
}
const realDeliveries = createDeliveryStore<AlertTarget>(() => connection, 'alert')
const deliveries: DeliveryStore<AlertTarget> = {
  ...realDeliveries,
  async open(delivery) {
    const entry = await realDeliveries.open(delivery)
    die('opened')
    return entry
  },
  async read(key) {
    const found = await realDeliveries.read(key)
    if (!values['without-claims'] || found?.delivery.status !== 'sending') return found
    return { ...found, delivery: { ...found.delivery, status: 'pending' } }
  },
}
const send = createNotificationSender({
  definitions: { find: () => Promise.resolve(definition) },
  mail: undefined,
  callWebhook: createWebhookClient({ allowsPrivate: true }),
  publishEvent: () => Promise.resolve(),
  publicUrl: undefined,
  now: () => clock.now(),
})
const stopped = new AbortController()
const worker = new DeliveryWorker<AlertTarget>({
  kind: 'alert',
  store: deliveries,
  async send(key, delivery, signal, begin) {
    const outcome = await send(key, delivery, signal, begin)
    die('answered')
    return outcome
  },
  clock,
  logger: silentLogger,
  owner: crypto.randomUUID(),
})
const port = createQueryPort(store, clock, createServiceMetrics())
const evaluator = new Evaluator({
  definitions: { all: () => [definition], onChange: () => () => {}, find: () => Promise.resolve(definition) },
  records,
  sourceAt: (now) => ({ port, factsOf: () => testFactsAsOf(now) }),
  announce: async (rule, transition) => {
    for (const delivery of await deliveriesOf(rule, transition)) await worker.enqueue(delivery)
  },
  lagMs: () => 0,
  isLocal: () => true,
  clock,
  logger: silentLogger,
  report: (_, error) => {
    throw error
  },
})
const working = worker.run(stopped.signal)
await evaluator.update()
await evaluator.round(stopped.signal)
await until(async () => (await deliveries.listOpen()).length === 0, 60_000)
stopped.abort()
await working
const ids = await deliveries.listIds('tenant-1', 'rule-1')
const settled = await Promise.all(ids.map((id) => deliveries.read({ tenantId: 'tenant-1', sourceId: 'rule-1', id })))
const { record } = (await records.read('tenant-1', 'rule-1'))!
process.stdout.write(
  JSON.stringify({
    states: record.transitions.map(({ to }) => to),
    statuses: settled.map((each) => each?.delivery.status),
  }),
)
await connection.close()
await store.close()
process.exit(0)
