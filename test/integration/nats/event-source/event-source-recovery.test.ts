import { beforeEach, describe, expect, test } from 'bun:test'
import { DiscardPolicy, StorageType } from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { publish } from '../../../support/broker/nats-server.ts'
import { Receiver, startSource } from '../../../support/broker/receiver.ts'
import { numbered, numbers, sourceFixture } from '../../../support/broker/source-fixture.ts'
import { pause, until } from '../../../support/process/until.ts'

const WAIT_MS = 25_000
const TEST_MS = 60_000
const fixture = sourceFixture()
beforeEach(async () => void (await makeStream()))

/** With the configuration of the service, which may be the first to find the stream missing. */
const makeStream = () =>
  fixture.jsm.streams.add({
    name: 'EVENTS',
    subjects: [...SUBJECTS],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
  })

describe('after a restart', () => {
  test(
    'every open message is delivered again at once, and no other',
    async () => {
      await publish(fixture.server.url, numbered(100))
      const receiver = new Receiver()
      receiver.isSettling = false
      const first = await startSource({ url: fixture.server.url, receiver })
      await until(() => receiver.taken.length === 100, WAIT_MS)
      receiver.settle(40)
      await until(async () => (await fixture.floor()) === 40, WAIT_MS)
      await first.vanish()
      const second = await startSource({ url: fixture.server.url })
      await publish(fixture.server.url, numbered(5, 101))
      await until(() => second.receiver.taken.length === 65, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(41, 105))
      await until(async () => (await fixture.floor()) === 105, WAIT_MS)
      await second.stop()
    },
    TEST_MS,
  )

  test(
    'no settled message is delivered again',
    async () => {
      await publish(fixture.server.url, numbered(50))
      const first = await startSource({ url: fixture.server.url })
      await until(() => first.receiver.taken.length === 50, WAIT_MS)
      await first.stop()
      const second = await startSource({ url: fixture.server.url })
      await publish(fixture.server.url, numbered(1, 51))
      await until(() => second.receiver.taken.length > 0, WAIT_MS)
      expect(second.receiver.sequences).toEqual([51])
      await second.stop()
    },
    TEST_MS,
  )
})

/** The server deletes the consumer first and may then fail to remove its folder while something is written to it. */
async function deleteConsumer(): Promise<void> {
  await fixture.jsm.consumers.delete('EVENTS', 'analytics').catch(() => false)
}

test(
  'a deleted consumer is recreated at its position',
  async () => {
    await publish(fixture.server.url, numbered(30))
    const { receiver, stop } = await startSource({ url: fixture.server.url })
    await until(() => receiver.taken.length === 30, WAIT_MS)
    await deleteConsumer()
    await publish(fixture.server.url, numbered(30, 31))
    await until(() => receiver.taken.length === 60, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 60))
    expect(receiver.starts).toEqual([0, 30])
    await stop()
  },
  TEST_MS,
)

test(
  'a consumer that is deleted while deliveries are open continues when they are settled',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    await publish(fixture.server.url, numbered(10))
    const { stop } = await startSource({ url: fixture.server.url, receiver })
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await deleteConsumer()
    await publish(fixture.server.url, numbered(10, 11))
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

describe('a recreated stream', () => {
  test(
    'is consumed from its start, and reported',
    async () => {
      await publish(fixture.server.url, numbered(20))
      const { receiver, logger, stop } = await startSource({ url: fixture.server.url })
      await until(() => receiver.taken.length === 20, WAIT_MS)
      await fixture.jsm.streams.delete('EVENTS')
      await makeStream()
      await publish(fixture.server.url, numbered(3))
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
    'is consumed from its start also when it is already longer than the old one',
    async () => {
      const receiver = new Receiver()
      await publish(fixture.server.url, numbered(20))
      const { stop } = await startSource({ url: fixture.server.url, receiver })
      await until(() => receiver.taken.length === 20, WAIT_MS)
      // One delivery stays unsettled, so that the source restarts only when the new stream exists.
      receiver.isSettling = false
      await publish(fixture.server.url, numbered(1, 21))
      await until(() => receiver.taken.length === 21, WAIT_MS)
      await fixture.jsm.streams.delete('EVENTS')
      await makeStream()
      await publish(fixture.server.url, numbered(30))
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
  'deliveries stop at the byte limit, plus one message',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    receiver.maxBytes = 3_000_000
    const messageBytes = 200_000
    await publish(
      fixture.server.url,
      Array.from({ length: 60 }, () => ['campaign.started', 'x'.repeat(messageBytes)]),
    )
    const { source, stop } = await startSource({ url: fixture.server.url, receiver })
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
  'after a pause no message is delivered, and settled ones are still acknowledged',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    await publish(fixture.server.url, numbered(10))
    const { source, connection: own } = await startSource({ url: fixture.server.url, receiver })
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await source.pause()
    await publish(fixture.server.url, numbered(10, 11))
    await pause(200)
    expect(receiver.taken).toHaveLength(10)
    receiver.settle()
    await own.drain()
    await until(async () => (await fixture.floor()) === 10, WAIT_MS)
  },
  TEST_MS,
)

test(
  'deliveries continue after an exception while it waits for open messages',
  async () => {
    const receiver = new Receiver()
    const quiesce = receiver.quiesce.bind(receiver)
    let failuresLeft = 2
    receiver.quiesce = async () => {
      if (failuresLeft-- > 0) throw new TypeError('Nobody expected this.')
      return quiesce()
    }
    const { source, stop } = await startSource({ url: fixture.server.url, receiver })
    await publish(fixture.server.url, numbered(3))
    await until(() => receiver.taken.length === 3, WAIT_MS)
    await fixture.jsm.consumers.delete('EVENTS', 'analytics')
    await publish(fixture.server.url, numbered(3, 4))
    await until(() => receiver.taken.length === 6, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 6))
    expect([failuresLeft < 0, source.isBound()]).toEqual([true, true])
    await stop()
  },
  TEST_MS,
)
