/** Streams with `retention: interest` keep a message only while a consumer wants it: ours may not be missing for a moment. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import {
  AckPolicy,
  type ConsumerConfig,
  connect,
  DeliverPolicy,
  type JetStreamManager,
  type NatsConnection,
  RetentionPolicy,
} from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { guardConsumer } from '../../src/nats/remake-consumer.ts'
import { type Message, type NatsServer, publish, startNatsServer } from '../support/nats-server.ts'
import { Receiver, type SourceOptions, startSource } from '../support/receiver.ts'
import { until } from '../support/until.ts'

const WAIT_MS = 25_000
const TEST_MS = 60_000
let server: NatsServer
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  server = await startNatsServer()
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  jsm = await connection.jetstreamManager()
}, 30_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
}, 30_000)
beforeEach(async () => {
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
  await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS], retention: RetentionPolicy.Interest })
})

const running: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of running.splice(0)) await stop()
})

async function started(options: Partial<SourceOptions> = {}) {
  const source = await startSource({ url: server.url, ...options })
  running.push(async () => {
    if (!source.connection.isClosed()) await source.stop()
  })
  return source
}

const bodies = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ['campaign.started', String(from + index)])
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const consumers = async () => (await jsm.consumers.list('EVENTS').next()).map(({ name }) => name)
const kept = async () => (await jsm.streams.info('EVENTS')).state.messages

describe('nothing is lost that was published while the service was down', () => {
  test(
    'when it starts with another limit, so that its consumer is made anew',
    async () => {
      const first = await started()
      await publish(server.url, bodies(1, 1))
      await until(async () => first.receiver.taken.length === 1 && (await kept()) === 0, WAIT_MS)
      await first.stop()
      await publish(server.url, bodies(2, 10))
      const second = await started({ maxAckPending: 1_000 })
      await until(() => second.receiver.taken.length === 10, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(2, 11))
      expect((await jsm.consumers.info('EVENTS', 'analytics')).config.max_ack_pending).toBe(1_000)
      expect(await consumers()).toEqual(['analytics'])
    },
    TEST_MS,
  )

  test(
    'nor what was delivered and not settled when it was killed',
    async () => {
      const receiver = new Receiver()
      receiver.isSettling = false
      const first = await started({ receiver })
      await publish(server.url, bodies(1, 20))
      await until(() => receiver.taken.length === 20, WAIT_MS)
      receiver.settle(5)
      await until(async () => (await kept()) === 15, WAIT_MS)
      await first.vanish()
      await publish(server.url, bodies(21, 10))
      const second = await started()
      await until(() => second.receiver.taken.length === 25, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(6, 30))
      await until(async () => (await kept()) === 0, WAIT_MS, 'the settled messages to go')
      expect(second.missing).toEqual({ expired: 0, deleted: 0 })
    },
    TEST_MS,
  )

  /** As a crash between two steps leaves it: with the guard, and without or with the consumer. */
  test.each(['deleted', 'made anew'])(
    'when it is killed while its consumer is made anew: the consumer is %s',
    async (state) => {
      const first = await started()
      await publish(server.url, bodies(1, 3))
      await until(async () => first.receiver.taken.length === 3 && (await kept()) === 0, WAIT_MS)
      await first.stop()
      const config: Partial<ConsumerConfig> = {
        ack_policy: AckPolicy.All,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: 4,
      }
      await jsm.consumers.add('EVENTS', { ...config, durable_name: guardConsumer('analytics') })
      await publish(server.url, bodies(4, 10))
      if (state === 'deleted') await jsm.consumers.delete('EVENTS', 'analytics')
      const second = await started()
      await until(() => second.receiver.taken.length === 10, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(4, 13))
      await until(async () => (await kept()) === 0, WAIT_MS, 'the settled messages to go')
      expect(await consumers()).toEqual(['analytics'])
    },
    TEST_MS,
  )
})

test(
  'nothing is lost when the broker is restarted, after which the consumer is made anew while the service runs',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    const { source } = await started({ receiver })
    await publish(server.url, bodies(1, 10))
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await server.restart()
    await until(async () => (await publish(server.url, bodies(11, 10))).length === 10, WAIT_MS)
    receiver.isSettling = true
    receiver.settle()
    await until(() => receiver.taken.length === 20, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 20))
    expect(source.isBound()).toBe(true)
  },
  TEST_MS,
)

test(
  'what was published while there was no consumer, because somebody had deleted it, is told to be missing',
  async () => {
    const first = await started()
    await publish(server.url, bodies(1, 5))
    await until(async () => first.receiver.taken.length === 5 && (await kept()) === 0, WAIT_MS)
    await first.stop()
    // Somebody else's consumer, who has taken the messages by now; otherwise they would not even be numbered.
    await jsm.consumers.add('EVENTS', { durable_name: 'other', ack_policy: AckPolicy.All })
    await jsm.consumers.delete('EVENTS', 'analytics')
    await publish(server.url, bodies(6, 7))
    const other = await connection.jetstream().consumers.get('EVENTS', 'other')
    for await (const message of await other.fetch({ max_messages: 7 })) message.ack()
    await until(async () => (await kept()) === 0, WAIT_MS)
    const second = await started()
    expect(second.missing).toEqual({ expired: 7, deleted: 0 })
    await publish(server.url, bodies(13, 2))
    await until(() => second.receiver.taken.length === 2, WAIT_MS)
    expect(second.receiver.sequences).toEqual([13, 14])
    expect(second.missing).toEqual({ expired: 7, deleted: 0 })
  },
  TEST_MS,
)

test(
  'a stream that takes one consumer only says what to do, and lets go of nothing',
  async () => {
    await jsm.streams.delete('EVENTS')
    await jsm.streams.add({
      name: 'EVENTS',
      subjects: [...SUBJECTS],
      retention: RetentionPolicy.Interest,
      max_consumers: 1,
    })
    const first = await started()
    await publish(server.url, bodies(1, 1))
    await until(async () => first.receiver.taken.length === 1 && (await kept()) === 0, WAIT_MS)
    await first.stop()
    await publish(server.url, bodies(2, 10))
    const failure: unknown = await started({ maxAckPending: 1_000 }).catch((error: unknown) => error)
    expect(String(failure)).toContain('raise max_consumers by one')
    const second = await started()
    await until(() => second.receiver.taken.length === 10, WAIT_MS)
  },
  TEST_MS,
)
