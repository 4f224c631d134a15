import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { DiscardPolicy, StorageType, type JetStreamManager, type NatsConnection, connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { type Message, type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { Receiver, startSource } from '../../support/broker/receiver.ts'
import { pause, until } from '../../support/process/until.ts'

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
  await makeStream()
})

/** Creates the stream as the service does, which may create it first. */
const makeStream = () =>
  jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS], storage: StorageType.File, discard: DiscardPolicy.New })
const bodies = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ['campaign.started', String(from + index)])
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const floorAtBroker = async () => (await jsm.consumers.info('EVENTS', 'analytics')).ack_floor.stream_seq

describe('after a restart', () => {
  test(
    'every unsettled message is delivered again at once, and nothing else',
    async () => {
      await publish(server.url, bodies(1, 100))
      const receiver = new Receiver()
      receiver.isSettling = false
      const first = await startSource({ url: server.url, receiver })
      await until(() => receiver.taken.length === 100, WAIT_MS)
      receiver.settle(40)
      await until(async () => (await floorAtBroker()) === 40, WAIT_MS)
      await first.vanish()
      const second = await startSource({ url: server.url })
      await publish(server.url, bodies(101, 5))
      await until(() => second.receiver.taken.length === 65, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(41, 105))
      await until(async () => (await floorAtBroker()) === 105, WAIT_MS)
      await second.stop()
    },
    TEST_MS,
  )

  test(
    'no settled message is delivered again',
    async () => {
      await publish(server.url, bodies(1, 50))
      const first = await startSource({ url: server.url })
      await until(() => first.receiver.taken.length === 50, WAIT_MS)
      await first.stop()
      const second = await startSource({ url: server.url })
      await publish(server.url, bodies(51, 1))
      await until(() => second.receiver.taken.length > 0, WAIT_MS)
      expect(second.receiver.sequences).toEqual([51])
      await second.stop()
    },
    TEST_MS,
  )
})

/** The server deletes the consumer first and may then fail to remove its folder while something is written to it. */
async function deleteConsumer(): Promise<void> {
  await jsm.consumers.delete('EVENTS', 'analytics').catch(() => false)
}

test(
  'a consumer that is deleted while running is recreated at its position',
  async () => {
    await publish(server.url, bodies(1, 30))
    const { receiver, stop } = await startSource({ url: server.url })
    await until(() => receiver.taken.length === 30, WAIT_MS)
    await deleteConsumer()
    await publish(server.url, bodies(31, 30))
    await until(() => receiver.taken.length === 60, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 60))
    expect(receiver.starts).toEqual([0, 30])
    await stop()
  },
  TEST_MS,
)

test(
  'a consumer that is deleted with unsettled deliveries restarts when those are settled',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    await publish(server.url, bodies(1, 10))
    const { stop } = await startSource({ url: server.url, receiver })
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await deleteConsumer()
    await publish(server.url, bodies(11, 10))
    await pause(500)
    expect(receiver.taken).toHaveLength(10)
    receiver.isSettling = true
    receiver.settle()
    await until(() => receiver.taken.length === 20, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 20))
    await stop()
  },
  TEST_MS,
)

describe('a stream that was deleted and recreated', () => {
  test(
    'is consumed from its start, with an error in the log',
    async () => {
      await publish(server.url, bodies(1, 20))
      const { receiver, logger, stop } = await startSource({ url: server.url })
      await until(() => receiver.taken.length === 20, WAIT_MS)
      await jsm.streams.delete('EVENTS')
      await makeStream()
      await publish(server.url, bodies(1, 3))
      await until(() => receiver.taken.length === 23, WAIT_MS)
      expect(receiver.sequences.slice(20)).toEqual([1, 2, 3])
      expect(logger.lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toContain(
        'the stream was deleted, restored or replaced; consuming it from its start',
      )
      await stop()
    },
    TEST_MS,
  )

  /** A check of the last sequence alone would take the new stream for the old one and skip its first messages. */
  test(
    'is consumed from its start even when it has grown past the old one before it is read',
    async () => {
      const receiver = new Receiver()
      await publish(server.url, bodies(1, 20))
      const { stop } = await startSource({ url: server.url, receiver })
      await until(() => receiver.taken.length === 20, WAIT_MS)
      // One delivery stays unsettled, so that the source restarts only when the new stream exists.
      receiver.isSettling = false
      await publish(server.url, bodies(21, 1))
      await until(() => receiver.taken.length === 21, WAIT_MS)
      await jsm.streams.delete('EVENTS')
      await makeStream()
      await publish(server.url, bodies(1, 30))
      receiver.isSettling = true
      receiver.settle()
      await until(() => receiver.taken.length === 51, WAIT_MS)
      expect(receiver.sequences.slice(21)).toEqual(numbers(1, 30))
      await stop()
    },
    TEST_MS,
  )
})

test(
  'the delivered bytes exceed the capacity by one message at most',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    receiver.maxBytes = 3_000_000
    const messageBytes = 200_000
    await publish(
      server.url,
      Array.from({ length: 60 }, () => ['campaign.started', 'x'.repeat(messageBytes)]),
    )
    const { source, stop } = await startSource({ url: server.url, receiver })
    for (let count = 0; count < 10; count++) {
      await pause(60)
      expect(receiver.openBytes).toBeLessThanOrEqual(receiver.maxBytes + messageBytes)
    }
    expect(receiver.taken.length).toBeGreaterThan(5)
    expect(receiver.taken.length).toBeLessThan(20)
    while (receiver.taken.length < 60) {
      receiver.settle()
      source.wake()
      await pause(20)
      expect(receiver.openBytes).toBeLessThanOrEqual(receiver.maxBytes + messageBytes)
    }
    expect(receiver.sequences).toEqual(numbers(1, 60))
    receiver.settle()
    await stop()
  },
  TEST_MS,
)

test(
  'after a pause nothing more is delivered, and later settled messages are still acknowledged',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    await publish(server.url, bodies(1, 10))
    const { source, connection: own } = await startSource({ url: server.url, receiver })
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await source.pause()
    await publish(server.url, bodies(11, 10))
    await pause(200)
    expect(receiver.taken).toHaveLength(10)
    receiver.settle()
    await own.drain()
    await until(async () => (await floorAtBroker()) === 10, WAIT_MS)
  },
  TEST_MS,
)

test(
  'deliveries continue after an exception while waiting for settled deliveries',
  async () => {
    const receiver = new Receiver()
    const quiesce = receiver.quiesce.bind(receiver)
    let failuresLeft = 2
    receiver.quiesce = async () => {
      if (failuresLeft-- > 0) throw new TypeError('Nobody expected this.')
      return quiesce()
    }
    const { source, stop } = await startSource({ url: server.url, receiver })
    await publish(server.url, bodies(1, 3))
    await until(() => receiver.taken.length === 3, WAIT_MS)
    await jsm.consumers.delete('EVENTS', 'analytics')
    await publish(server.url, bodies(4, 3))
    await until(() => receiver.taken.length === 6, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 6))
    expect([failuresLeft < 0, source.isBound()]).toEqual([true, true])
    await stop()
  },
  TEST_MS,
)
