import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { AckPolicy, DiscardPolicy, type JetStreamManager, nanos, type NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { MANAGED_DESCRIPTION } from '../../../src/nats/ensure-stream.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { ensureDeferredStream } from '../../../src/nats/deferred/deferred-stream.ts'
import { DEFERRED_STREAM } from '../../../src/nats/names.ts'
import { StreamLimitEnforcer } from '../../../src/nats/limits/stream-limit-enforcer.ts'
import { DEAD_LETTER_STREAM } from '../../../src/nats/names.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { ensureEventStream } from '../../../src/nats/event-stream.ts'
import { streamLimits } from '../../../src/nats/stream-limits.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'

const MB = 1_048_576
const limits = streamLimits({ eventsMaxAgeDays: 30, eventsMaxMb: 64, deadLettersMaxMb: 16, deferredMaxMb: 16 })

describe('limits of the service’s streams', () => {
  let server: NatsServer
  let connection: NatsConnection
  let jsm: JetStreamManager
  let logger = keepingLogger()
  const metrics = createServiceMetrics()
  beforeEach(async () => {
    logger = keepingLogger()
    await begin('')
  }, 30_000)
  afterEach(end, 30_000)

  async function begin(config: string): Promise<void> {
    server = await startNatsServer({ config })
    connection = await connectNats({ servers: [server.url], name: 'test' })
    jsm = await connection.jetstreamManager()
  }
  async function end(): Promise<void> {
    await connection.close()
    await server.stop()
  }
  const watch = () =>
    new StreamLimitEnforcer({
      connection,
      eventStream: () => 'EVENTS',
      durable: 'reader',
      limits,
      clock: systemClock,
      logger,
      metrics,
      signal: new AbortController().signal,
    })
  const configOf = async (stream: string) => (await jsm.streams.info(stream)).config
  const stateOf = async (stream: string) => (await jsm.streams.info(stream)).state
  const said = (message: string) => logger.lines.filter((line) => line.message === message)

  /** Publishes messages of 100 kB; the number of accepted ones. */
  async function publishEvents(count: number): Promise<number> {
    let taken = 0
    for (let n = 0; n < count; n++)
      await connection
        .jetstream()
        .publish('campaign.started', new Uint8Array(100_000))
        .then(
          () => taken++,
          () => {},
        )
    return taken
  }
  async function settleAll(): Promise<void> {
    const consumer = await connection.jetstream().consumers.get('EVENTS', 'reader')
    for (;;) {
      const { num_pending } = await jsm.consumers.info('EVENTS', 'reader')
      if (num_pending === 0) return
      let last: { ack(): void } | undefined
      for await (const message of await consumer.fetch({ max_messages: Math.min(num_pending, 100), expires: 2_000 }))
        last = message
      last?.ack()
      await connection.flush()
    }
  }
  const addReader = () =>
    jsm.consumers.add('EVENTS', { durable_name: 'reader', ack_policy: AckPolicy.All, ack_wait: nanos(60_000_000) })

  test('a flood of dead letters drops the oldest, counted and logged; the newest remain', async () => {
    await ensureDeadLetterStream(jsm, limits)
    const keeper = watch()
    await keeper.enforce(jsm)
    const letters = new DeadLetterStream(connection)
    const data = new Uint8Array(900_000)
    for (let n = 1; n <= 40; n++) {
      await letters.put({ delivery: deliveryOf(n, '', { data }), reason: 'invalid_json', message: 'No JSON.' })
      if (n % 8 === 0) await keeper.enforce(jsm)
    }
    const { bytes, first_seq, last_seq, messages } = await stateOf(DEAD_LETTER_STREAM)
    expect(bytes).toBeLessThanOrEqual(16 * MB)
    expect(last_seq).toBe(40)
    expect(first_seq).toBeGreaterThan(20)
    expect(metrics.deadLettersDropped.value()).toBe(40 - messages)
    const logged = said('the dead-letter stream is full and the oldest dead letters were dropped')
    expect(logged.reduce((sum, { fields }) => sum + Number(fields?.['count']), 0)).toBe(40 - messages)
    expect(metrics.streamBytes.value({ stream: DEAD_LETTER_STREAM })).toBe(bytes)
    expect(metrics.streamLimitBytes.value({ stream: DEAD_LETTER_STREAM })).toBe(16 * MB)
  }, 60_000)

  test('deletions by a replay are not counted as losses', async () => {
    const before = metrics.deadLettersDropped.value()
    await ensureDeadLetterStream(jsm, limits)
    const letters = new DeadLetterStream(connection)
    for (let n = 1; n <= 5; n++)
      await letters.put({ delivery: deliveryOf(n, 'x'), reason: 'invalid_json', message: 'No JSON.' })
    const keeper = watch()
    await keeper.enforce(jsm)
    for (const sequence of [1, 2, 4]) await jsm.streams.deleteMessage(DEAD_LETTER_STREAM, sequence)
    await keeper.enforce(jsm)
    expect(metrics.deadLettersDropped.value()).toBe(before)
  }, 60_000)

  test('stored events are removed for new ones: three times the limit is accepted without an error', async () => {
    await ensureEventStream(jsm, undefined, logger, limits)
    expect(await configOf('EVENTS')).toMatchObject({
      discard: 'new',
      max_bytes: 64 * MB,
      max_age: nanos(30 * 86_400_000),
      description: MANAGED_DESCRIPTION,
    })
    await addReader()
    const keeper = watch()
    let taken = 0
    for (let part = 0; part < 20; part++) {
      taken += await publishEvents(100)
      await settleAll()
      await keeper.enforce(jsm)
    }
    expect(taken).toBe(2_000)
    expect((await stateOf('EVENTS')).bytes).toBeLessThan(0.76 * 64 * MB)
    expect((await stateOf('EVENTS')).last_seq).toBe(2_000)
  }, 60_000)

  test('events that are not stored yet are never removed: producers get errors, and the log names the consumer', async () => {
    await ensureEventStream(jsm, undefined, logger, limits)
    await addReader()
    const keeper = watch()
    const taken = await publishEvents(700)
    expect(taken).toBeLessThan(700)
    await keeper.enforce(jsm)
    await keeper.enforce(jsm)
    expect(await stateOf('EVENTS')).toMatchObject({ first_seq: 1, messages: taken })
    expect(said('the event stream is filling up with events that a consumer has not settled')).toMatchObject([
      { fields: { stream: 'EVENTS', consumer: 'reader' } },
    ])
    await settleAll()
    await keeper.enforce(jsm)
    expect(await publishEvents(10)).toBe(10)
  }, 60_000)

  test('an event stream of its operator is not changed; one without limits is logged once', async () => {
    await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    const before = await configOf('EVENTS')
    const keeper = watch()
    await keeper.enforce(jsm)
    await keeper.enforce(jsm)
    expect(await configOf('EVENTS')).toEqual(before)
    expect(said('the event stream has no limit and grows until the storage of the broker is full')).toHaveLength(1)
    await jsm.streams.update('EVENTS', { description: MANAGED_DESCRIPTION })
    await keeper.enforce(jsm)
    expect(await configOf('EVENTS')).toMatchObject({ max_bytes: 64 * MB, discard: 'new' })
  }, 60_000)

  test('a managed stream without limits gets them without losing a message; an unmanaged stream keeps its own', async () => {
    await jsm.streams.add({
      name: DEAD_LETTER_STREAM,
      description: MANAGED_DESCRIPTION,
      subjects: ['analytics.dead.*'],
      discard: DiscardPolicy.New,
      duplicate_window: nanos(24 * 3_600_000),
    })
    await jsm.streams.add({
      name: DEFERRED_STREAM,
      subjects: ['analytics.deferred.*'],
      discard: DiscardPolicy.New,
      max_bytes: 5 * MB,
    })
    for (let n = 0; n < 20; n++)
      await connection.jetstream().publish('analytics.dead.too_large', new Uint8Array(1_000_000))
    const keeper = watch()
    await keeper.enforce(jsm)
    const { config, state } = await jsm.streams.info(DEAD_LETTER_STREAM)
    expect(state.messages).toBe(20)
    expect(config).toMatchObject({ max_bytes: state.bytes, discard: 'old', duplicate_window: nanos(600_000) })
    // The limit of an operator stays.
    expect((await configOf(DEFERRED_STREAM)).max_bytes).toBe(5 * MB)
    for (let sequence = 1; sequence <= 10; sequence++) await jsm.streams.deleteMessage(DEAD_LETTER_STREAM, sequence)
    await keeper.enforce(jsm)
    expect((await configOf(DEAD_LETTER_STREAM)).max_bytes).toBe(16 * MB)
  }, 60_000)

  test('a broker with less storage than the limits gets smaller streams, which fit together', async () => {
    await end()
    await begin(`jetstream { max_file_store: ${800 * MB} }`)
    const large = streamLimits()
    await ensureDeadLetterStream(jsm, large)
    await ensureDeferredStream(jsm, large)
    await ensureEventStream(jsm, undefined, logger, large)
    for (const stream of [DEAD_LETTER_STREAM, DEFERRED_STREAM, 'EVENTS']) {
      const { max_bytes } = await configOf(stream)
      expect(max_bytes).toBeGreaterThanOrEqual(64 * MB)
      expect(max_bytes).toBeLessThanOrEqual(200 * MB)
    }
  }, 60_000)

  test('a broker without storage fails with an advice', async () => {
    await end()
    await begin(`jetstream { max_file_store: ${MB} }`)
    const failure = await ensureDeadLetterStream(jsm, limits).then(() => 'nothing', String)
    expect(failure).toContain('The broker does not have enough storage for the stream ANALYTICS_DEAD')
    expect(failure).toContain('max_file_store')
  }, 60_000)
})
