import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { AckPolicy, type JetStreamManager, type NatsConnection, connect } from 'nats'
import { CATALOGUE, SUBJECTS } from '../../../src/events/catalogue.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { StartFailure } from '../../../src/base/errors.ts'
import { Ingestion } from '../../../src/ingest/ingestion.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { livePlan } from '../../../src/nats/consumer/consumer-plan.ts'
import { NatsEventSource } from '../../../src/nats/consumer/event-source.ts'
import { envelope } from '../../support/ingest/event-samples.ts'
import { MemoryLetters, MemoryStore } from '../../support/ingest/ingest-ports.ts'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { limitsOf, withoutQuotas } from '../../support/ingest/ingest-fixture.ts'
import { type Receiver, startSource } from '../../support/broker/receiver.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 15_000
let server: NatsServer
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  server = await startNatsServer()
  connection = await connect({ servers: server.url })
  jsm = await connection.jetstreamManager()
}, 30_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
}, 30_000)

const ended: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ended.splice(0)) await end()
})
beforeEach(async () => {
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
})

async function started(options: { stream?: string; durable?: string; receiver?: Receiver } = {}) {
  const running = await startSource({ url: server.url, ...options })
  ended.push(running.stop)
  return running
}

/** Without the buckets. */
const streamNames = async () => (await jsm.streams.names().next()).filter((name) => !name.startsWith('KV_'))

const failure = async (attempt: Promise<unknown>) => {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartFailure)
  return (error as StartFailure).message
}

describe('the stream', () => {
  test('EVENTS is created when none captures the subjects, and every subject of the catalogue arrives in order', async () => {
    const { receiver, source } = await started()
    expect(source.isBound()).toBe(true)
    expect((await jsm.streams.info('EVENTS')).config.subjects.toSorted()).toEqual([...SUBJECTS].toSorted())
    const subjects = CATALOGUE.map(({ subject }) => subject.replace('*', 'replied'))
    await publish(
      server.url,
      subjects.map((subject) => [subject, envelope({})]),
    )
    await until(() => receiver.taken.length === subjects.length, WAIT_MS)
    expect(receiver.taken.map(({ subject, stream }) => [stream, subject])).toEqual(
      subjects.map((subject) => ['EVENTS', subject]),
    )
  })

  test('that captures the subjects already is found, whatever it is called', async () => {
    await jsm.streams.add({
      name: 'APP',
      subjects: ['pipeline.>', 'campaign.*', 'workflow.>', 'sequence.>', 'contact.*'],
    })
    await publish(server.url, [['campaign.started', envelope({})]])
    const { receiver } = await started()
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]).toMatchObject({ stream: 'APP', sequence: 1, subject: 'campaign.started' })
    expect(await streamNames()).toEqual(['APP'])
  })

  test('is asked for when several capture a part each, naming them', async () => {
    await jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await jsm.streams.add({ name: 'FLOWS', subjects: ['workflow.>', 'campaign.>'] })
    const message = await failure(started())
    expect(message).toContain('MAIL')
    expect(message).toContain('FLOWS')
    expect(message).toContain('NATS_STREAM')
    const { receiver } = await started({ stream: 'FLOWS' })
    await publish(server.url, [
      ['pipeline.message.sent', envelope({})],
      ['workflow.run.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]?.subject).toBe('workflow.run.started')
  })

  test('that is named but missing is created under that name', async () => {
    await started({ stream: 'MINE' })
    expect(await streamNames()).toEqual(['MINE'])
  })

  test('may hold foreign subjects: they are passed over, acknowledged and never stored', async () => {
    await jsm.streams.add({
      name: 'ALL',
      subjects: ['pipeline.>', 'campaign.*', 'workflow.>', 'sequence.>', 'contact.*', 'billing.>'],
    })
    const nats = await connectNats({ servers: [server.url], name: 'test' })
    const source = new NatsEventSource({
      connection: nats,
      durable: 'analytics',
      plan: livePlan({
        connection: nats,
        stream: undefined,
        durable: 'analytics',
        limits: { maxAckPending: 1_000, ackWaitMs: 180_000 },
        logger: silentLogger,
      }),
      clock: systemClock,
      logger: silentLogger,
    })
    const store = new MemoryStore()
    const letters = new MemoryLetters()
    const ingestion = new Ingestion({
      ...{ store, deadLetters: letters, bufferSize: 10, flushIntervalMs: 20, metrics: createServiceMetrics() },
      ...{
        limits: limitsOf(1_000, 10_000_000),
        circuitBreakerWindowEvents: 0,
        clock: systemClock,
        logger: silentLogger,
      },
      ...withoutQuotas(systemClock),
    })
    ingestion.start()
    await ingestion.consume(source)
    ended.push(async () => {
      await ingestion.stop(AbortSignal.timeout(5_000))
      await nats.drain()
    })
    await publish(server.url, [
      ['billing.paid', 'no event at all'],
      ['pipeline.message.sent', envelope({})],
      ['pipeline.message.queued', 'nor this'],
      ['contact.created', envelope({ contactId: 'c' })],
      ['billing.paid', 'no event at all'],
    ])
    const acknowledged = async () => (await jsm.consumers.info('ALL', 'analytics')).ack_floor.stream_seq
    await until(async () => store.rows.length === 2 && (await acknowledged()) >= 4, WAIT_MS)
    expect(store.rows.map(({ event_type }) => event_type)).toEqual(['message_sent', 'contact_created'])
    expect(letters.letters).toEqual([])
  })
})

describe('the consumer', () => {
  test('acknowledges cumulatively, waits long enough, redelivers for ever and is kept on file', async () => {
    await started()
    const { config } = await jsm.consumers.info('EVENTS', 'analytics')
    expect(config).toMatchObject({ ack_policy: AckPolicy.All, max_ack_pending: 60_000, max_deliver: -1 })
    expect(config.ack_wait! / 1e9).toBeGreaterThanOrEqual(60)
    expect(config.mem_storage ?? false).toBe(false)
  })

  test('that stands there with another configuration is made anew where it stood', async () => {
    await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await jsm.consumers.add('EVENTS', { durable_name: 'analytics', ack_policy: AckPolicy.Explicit, max_ack_pending: 7 })
    await publish(
      server.url,
      Array.from({ length: 5 }, () => ['campaign.started', envelope({})]),
    )
    const jetstream = await connection.jetstream().consumers.get('EVENTS', 'analytics')
    for (let count = 0; count < 3; count++) (await jetstream.next())?.ack()
    await until(async () => (await jetstream.info()).ack_floor.stream_seq === 3, WAIT_MS)
    const { receiver } = await started()
    await until(() => receiver.taken.length === 2, WAIT_MS)
    expect(receiver.sequences).toEqual([4, 5])
    expect((await jsm.consumers.info('EVENTS', 'analytics')).config.ack_policy).toBe(AckPolicy.All)
  })

  test('of the push kind is not touched: the start fails and says what to do', async () => {
    await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await jsm.consumers.add('EVENTS', {
      durable_name: 'analytics',
      ack_policy: AckPolicy.None,
      deliver_subject: 'somewhere',
    })
    expect(await failure(started())).toContain('NATS_CONSUMER')
    const { receiver } = await started({ durable: 'other' })
    await publish(server.url, [['campaign.started', envelope({})]])
    await until(() => receiver.taken.length === 1, WAIT_MS)
  })
})
