import { describe, expect, test } from 'bun:test'
import { AckPolicy } from 'nats'
import { CATALOGUE, SUBJECTS } from '../../../../src/events/catalogue.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { StartFailure } from '../../../../src/base/errors.ts'
import { Ingestion } from '../../../../src/ingest/ingestion.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { connectNats } from '../../../../src/nats/connection.ts'
import { livePlan } from '../../../../src/nats/consumer/consumer-plan.ts'
import { NatsEventSource } from '../../../../src/nats/consumer/event-source.ts'
import { envelope } from '../../../support/ingest/event-samples.ts'
import { MemoryLetters, MemoryStore } from '../../../support/ingest/ingest-ports.ts'
import { publish } from '../../../support/broker/nats-server.ts'
import { limitsOf, withoutQuotas } from '../../../support/ingest/ingest-fixture.ts'
import { sourceFixture } from '../../../support/broker/source-fixture.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { until } from '../../../support/process/until.ts'

const WAIT_MS = 15_000
const fixture = sourceFixture()

/** Without the buckets. */
const streamNames = async () => (await fixture.jsm.streams.names().next()).filter((name) => !name.startsWith('KV_'))

const failure = async (attempt: Promise<unknown>) => {
  const error: unknown = await attempt.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartFailure)
  return (error as StartFailure).message
}

describe('the stream', () => {
  test('EVENTS is created when none captures the subjects, and every subject of the catalogue arrives in order', async () => {
    const { receiver, source } = await fixture.started()
    expect(source.isBound()).toBe(true)
    expect((await fixture.jsm.streams.info('EVENTS')).config.subjects.toSorted()).toEqual([...SUBJECTS].toSorted())
    const subjects = CATALOGUE.map(({ subject }) => subject.replace('*', 'replied'))
    await publish(
      fixture.server.url,
      subjects.map((subject) => [subject, envelope({})]),
    )
    await until(() => receiver.taken.length === subjects.length, WAIT_MS)
    expect(receiver.taken.map(({ subject, stream }) => [stream, subject])).toEqual(
      subjects.map((subject) => ['EVENTS', subject]),
    )
  })

  test('that captures the subjects already is found under any name', async () => {
    await fixture.jsm.streams.add({
      name: 'APP',
      subjects: ['pipeline.>', 'campaign.*', 'workflow.>', 'sequence.>', 'contact.*'],
    })
    await publish(fixture.server.url, [['campaign.started', envelope({})]])
    const { receiver } = await fixture.started()
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]).toMatchObject({ stream: 'APP', sequence: 1, subject: 'campaign.started' })
    expect(await streamNames()).toEqual(['APP'])
  })

  test('has to be configured when several streams capture a part each; the error names them', async () => {
    await fixture.jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
    await fixture.jsm.streams.add({ name: 'FLOWS', subjects: ['workflow.>', 'campaign.>'] })
    const message = await failure(fixture.started())
    expect(message).toContain('MAIL')
    expect(message).toContain('FLOWS')
    expect(message).toContain('NATS_STREAM')
    const { receiver } = await fixture.started({ stream: 'FLOWS' })
    await publish(fixture.server.url, [
      ['pipeline.message.sent', envelope({})],
      ['workflow.run.started', envelope({})],
    ])
    await until(() => receiver.taken.length === 1, WAIT_MS)
    expect(receiver.taken[0]?.subject).toBe('workflow.run.started')
  })

  test('that is configured but missing is created under that name', async () => {
    await fixture.started({ stream: 'MINE' })
    expect(await streamNames()).toEqual(['MINE'])
  })

  test('may have foreign subjects: their messages are skipped, acknowledged and never stored', async () => {
    await fixture.jsm.streams.add({
      name: 'ALL',
      subjects: ['pipeline.>', 'campaign.*', 'workflow.>', 'sequence.>', 'contact.*', 'billing.>'],
    })
    const nats = await connectNats({ servers: [fixture.server.url], name: 'test' })
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
    try {
      await publish(fixture.server.url, [
        ['billing.paid', 'no event at all'],
        ['pipeline.message.sent', envelope({})],
        ['pipeline.message.queued', 'nor this'],
        ['contact.created', envelope({ contactId: 'c' })],
        ['billing.paid', 'no event at all'],
      ])
      const acknowledged = async () => (await fixture.jsm.consumers.info('ALL', 'analytics')).ack_floor.stream_seq
      await until(async () => store.rows.length === 2 && (await acknowledged()) >= 4, WAIT_MS)
      expect(store.rows.map(({ event_type }) => event_type)).toEqual(['message_sent', 'contact_created'])
      expect(letters.letters).toEqual([])
    } finally {
      await ingestion.stop(AbortSignal.timeout(5_000))
      await nats.drain()
    }
  })
})

describe('the consumer', () => {
  test('acknowledges cumulatively, has a long ack_wait, redelivers without limit and is stored on file', async () => {
    await fixture.started()
    const { config } = await fixture.jsm.consumers.info('EVENTS', 'analytics')
    expect(config).toMatchObject({ ack_policy: AckPolicy.All, max_ack_pending: 60_000, max_deliver: -1 })
    expect(config.ack_wait! / 1e9).toBeGreaterThanOrEqual(60)
    expect(config.mem_storage ?? false).toBe(false)
  })

  test('with another configuration is recreated at its position', async () => {
    await fixture.jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await fixture.jsm.consumers.add('EVENTS', {
      durable_name: 'analytics',
      ack_policy: AckPolicy.Explicit,
      max_ack_pending: 7,
    })
    await publish(
      fixture.server.url,
      Array.from({ length: 5 }, () => ['campaign.started', envelope({})]),
    )
    const jetstream = await fixture.connection.jetstream().consumers.get('EVENTS', 'analytics')
    for (let count = 0; count < 3; count++) (await jetstream.next())?.ack()
    await until(async () => (await jetstream.info()).ack_floor.stream_seq === 3, WAIT_MS)
    const { receiver } = await fixture.started()
    await until(() => receiver.taken.length === 2, WAIT_MS)
    expect(receiver.sequences).toEqual([4, 5])
    expect((await fixture.jsm.consumers.info('EVENTS', 'analytics')).config.ack_policy).toBe(AckPolicy.All)
  })

  test('of the push kind is not changed: the start fails with a hint', async () => {
    await fixture.jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await fixture.jsm.consumers.add('EVENTS', {
      durable_name: 'analytics',
      ack_policy: AckPolicy.None,
      deliver_subject: 'somewhere',
    })
    expect(await failure(fixture.started())).toContain('NATS_CONSUMER')
    const { receiver } = await fixture.started({ durable: 'other' })
    await publish(fixture.server.url, [['campaign.started', envelope({})]])
    await until(() => receiver.taken.length === 1, WAIT_MS)
  })
})
