/** Messages that were removed from the stream before their delivery are reported; messages that only the consumer skipped are delivered. */
import { describe, expect, test } from 'bun:test'
import { AckPolicy, nanos, type StreamConfig } from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { type Message, publish } from '../../../support/broker/nats-server.ts'
import { Receiver } from '../../../support/broker/receiver.ts'
import { numbered, numbers, sourceFixture } from '../../../support/broker/source-fixture.ts'
import { pause, until } from '../../../support/process/until.ts'

const WAIT_MS = 25_000
const TEST_MS = 60_000
const MESSAGE = 'messages were removed from the stream before they were delivered'

const fixture = sourceFixture()
const makeStream = (config: Partial<StreamConfig> = {}) =>
  fixture.jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS], ...config })
const isSame = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other)
const told = ({ logger }: Awaited<ReturnType<typeof fixture.started>>) =>
  logger.lines.filter(({ message }) => message === MESSAGE).map(({ fields }) => fields)

/** Receives and settles the first `count` messages, then stops. */
async function settleFirst(count: number): Promise<void> {
  const source = await fixture.started()
  await publish(fixture.server.url, numbered(count))
  await until(async () => source.receiver.taken.length === count && (await fixture.floor()) === count, WAIT_MS)
  await source.stop()
}

describe('messages removed while the service was down', () => {
  test(
    'by the age limit are counted and logged once, with the first and last sequence',
    async () => {
      await makeStream({ duplicate_window: nanos(200) })
      await settleFirst(5)
      await publish(fixture.server.url, numbered(1_000))
      await fixture.jsm.streams.update('EVENTS', { max_age: nanos(200) })
      await until(async () => (await fixture.kept()) === 0, WAIT_MS, 'the messages to expire')
      await fixture.jsm.streams.update('EVENTS', { max_age: 0 })
      const source = await fixture.started()
      expect(source.missing).toEqual({ expired: 1_000, deleted: 0 })
      expect(told(source)).toEqual([{ stream: 'EVENTS', cause: 'expired', from: 6, to: 1_005, count: 1_000 }])
      await publish(fixture.server.url, numbered(3))
      await until(() => source.receiver.taken.length === 3, WAIT_MS)
      expect(source.receiver.sequences).toEqual([1_006, 1_007, 1_008])
      await source.stop()
      const next = await fixture.started()
      expect([source.missing, next.missing]).toEqual([
        { expired: 1_000, deleted: 0 },
        { expired: 0, deleted: 0 },
      ])
    },
    TEST_MS,
  )

  test(
    'by a purge or by the message limit are counted and logged',
    async () => {
      await makeStream()
      await settleFirst(5)
      await publish(fixture.server.url, numbered(10))
      await fixture.jsm.streams.purge('EVENTS')
      await publish(fixture.server.url, numbered(10))
      await fixture.jsm.streams.update('EVENTS', { max_msgs: 4 })
      const source = await fixture.started()
      await until(() => source.receiver.taken.length === 4, WAIT_MS)
      expect(source.missing).toEqual({ expired: 16, deleted: 0 })
    },
    TEST_MS,
  )

  test.each(['made', 'found'])(
    'are counted exactly after a crash, though the progress record is older than the last acknowledgement; the consumer was %s',
    async (how) => {
      await makeStream()
      if (how === 'found') await settleFirst(40)
      const before = how === 'found' ? 40 : 0
      const first = await fixture.started()
      await publish(fixture.server.url, numbered(5))
      await until(async () => (await fixture.floor()) === before + 5, WAIT_MS)
      await publish(fixture.server.url, numbered(20))
      await until(async () => (await fixture.floor()) === before + 25, WAIT_MS)
      await first.vanish()
      await publish(fixture.server.url, numbered(30))
      await fixture.jsm.streams.purge('EVENTS', { seq: before + 41 })
      const second = await fixture.started()
      await until(() => second.receiver.taken.length === 15, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(before + 41, before + 55))
      expect(second.missing).toEqual({ expired: 15, deleted: 0 })
    },
    TEST_MS,
  )

  test(
    'are counted when the consumer was deleted: the rest is delivered from the start of the stream',
    async () => {
      await makeStream()
      await settleFirst(5)
      await publish(fixture.server.url, numbered(10))
      await fixture.jsm.consumers.delete('EVENTS', 'analytics')
      await fixture.jsm.streams.purge('EVENTS', { seq: 9 })
      const source = await fixture.started()
      await until(() => source.receiver.taken.length === 7, WAIT_MS)
      expect(source.missing).toEqual({ expired: 3, deleted: 0 })
    },
    TEST_MS,
  )

  test(
    'before the first start of the service are not missing',
    async () => {
      await makeStream({ max_msgs: 10 })
      await publish(fixture.server.url, numbered(50))
      const source = await fixture.started()
      await until(async () => (await fixture.floor()) === 50, WAIT_MS)
      await source.stop()
      const next = await fixture.started()
      await publish(fixture.server.url, numbered(1))
      await until(() => next.receiver.taken.length === 1, WAIT_MS)
      expect([source.missing, next.missing]).toEqual([
        { expired: 0, deleted: 0 },
        { expired: 0, deleted: 0 },
      ])
    },
    TEST_MS,
  )
})

describe('a purge of one subject, which moves the consumer past the messages of all other subjects on nats-server 2.9', () => {
  const mixed = (count: number): Message[] =>
    Array.from({ length: count }, (_, index) => [index % 3 === 1 ? 'campaign.completed' : 'campaign.started', 'x'])

  test(
    'while the service is down: the other messages are delivered, the purged ones are reported as missing',
    async () => {
      await makeStream()
      await settleFirst(5)
      await publish(fixture.server.url, mixed(600))
      await fixture.jsm.streams.purge('EVENTS', { filter: 'campaign.completed' })
      const source = await fixture.started()
      await until(() => source.receiver.taken.length === 400, WAIT_MS)
      expect(source.receiver.sequences[0]).toBe(6)
      await until(() => source.missing.deleted === 200, WAIT_MS)
      expect(source.missing.expired).toBe(0)
    },
    TEST_MS,
  )

  test.each(['goes on', 'is quiet'])(
    'while the service runs and has not consumed them yet; the stream %s',
    async (afterwards) => {
      await makeStream()
      const receiver = new Receiver()
      receiver.isSettling = false
      receiver.maxBytes = 0
      const source = await fixture.started({ receiver })
      await publish(fixture.server.url, mixed(600))
      await fixture.jsm.streams.purge('EVENTS', { filter: 'campaign.completed' })
      receiver.isSettling = true
      receiver.maxBytes = 64 * 1_048_576
      if (afterwards === 'goes on') await publish(fixture.server.url, numbered(10))
      const expected = afterwards === 'goes on' ? 410 : 400
      const distinct = () => new Set(receiver.sequences).size
      await until(() => distinct() === expected && source.missing.deleted === 200, WAIT_MS)
      expect(source.missing).toEqual({ expired: 0, deleted: 200 })
      expect(source.source.isBound()).toBe(true)
    },
    TEST_MS,
  )
})

describe('messages removed while the service runs', () => {
  test.each([
    ['one message', { expired: 0, deleted: 1 }, () => fixture.jsm.streams.deleteMessage('EVENTS', 4)],
    ['the first messages', { expired: 6, deleted: 0 }, () => fixture.jsm.streams.purge('EVENTS', { seq: 7 })],
    ['all that wait', { expired: 10, deleted: 0 }, () => fixture.jsm.streams.purge('EVENTS')],
  ])(
    'before their delivery are reported: %s',
    async (_, missing, remove) => {
      await makeStream()
      const receiver = new Receiver()
      receiver.maxBytes = 0
      const source = await fixture.started({ receiver })
      await publish(fixture.server.url, numbered(10))
      await remove()
      receiver.maxBytes = 64 * 1_048_576
      const left = 10 - missing.expired - missing.deleted
      await until(() => receiver.taken.length === left && isSame(source.missing, missing), WAIT_MS)
      await publish(fixture.server.url, numbered(5))
      await until(() => receiver.taken.length === left + 5, WAIT_MS)
      expect(source.missing).toEqual(missing)
    },
    TEST_MS,
  )

  test(
    'after they were settled are not missing, whatever other consumers do',
    async () => {
      await makeStream()
      const source = await fixture.started()
      await publish(fixture.server.url, numbered(10))
      await until(async () => (await fixture.floor()) === 10, WAIT_MS)
      await fixture.jsm.consumers.add('EVENTS', { durable_name: 'other', ack_policy: AckPolicy.All })
      await fixture.jsm.streams.purge('EVENTS')
      await publish(fixture.server.url, numbered(5))
      await until(() => source.receiver.taken.length === 15, WAIT_MS)
      await pause(4_500)
      expect(source.missing).toEqual({ expired: 0, deleted: 0 })
    },
    TEST_MS,
  )
})

test(
  'an invalid progress record is ignored',
  async () => {
    await makeStream()
    await settleFirst(5)
    const bucket = await fixture.connection.jetstream().views.kv('analytics-progress')
    await bucket.put('analytics', '{"sequence":"many"}')
    await publish(fixture.server.url, numbered(2))
    const source = await fixture.started()
    await until(() => source.receiver.taken.length === 2, WAIT_MS)
    expect(source.receiver.sequences).toEqual([6, 7])
  },
  TEST_MS,
)
