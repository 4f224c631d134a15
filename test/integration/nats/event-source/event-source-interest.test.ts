/** Streams with `retention: interest` keep a message only while a consumer needs it, so a consumer of the service has to exist at any time. */
import { beforeEach, describe, expect, test } from 'bun:test'
import { AckPolicy, type ConsumerConfig, DeliverPolicy, RetentionPolicy } from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { ProgressRecord } from '../../../../src/nats/consumer/progress-record.ts'
import { guardConsumerName } from '../../../../src/nats/consumer/recreate-consumer.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'
import { publish } from '../../../support/broker/nats-server.ts'
import { Receiver } from '../../../support/broker/receiver.ts'
import { numbered, numbers, sourceFixture } from '../../../support/broker/source-fixture.ts'
import { until } from '../../../support/process/until.ts'

const WAIT_MS = 25_000
const TEST_MS = 60_000

const fixture = sourceFixture()
const { started, kept } = fixture
beforeEach(async () => {
  await fixture.jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS], retention: RetentionPolicy.Interest })
})
const progressRecord = () =>
  new ProgressRecord({ connection: fixture.connection, durable: 'analytics', clock: systemClock, logger: silentLogger })
const consumers = async () => (await fixture.jsm.consumers.list('EVENTS').next()).map(({ name }) => name)

describe('messages published while the service was down are delivered', () => {
  test(
    'when it starts with another limit, so that its consumer is recreated',
    async () => {
      const first = await started()
      await publish(fixture.server.url, numbered(1, 1))
      await until(async () => first.receiver.taken.length === 1 && (await kept()) === 0, WAIT_MS)
      await first.stop()
      await publish(fixture.server.url, numbered(10, 2))
      const second = await started({ maxAckPending: 1_000 })
      await until(() => second.receiver.taken.length === 10, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(2, 11))
      expect((await fixture.jsm.consumers.info('EVENTS', 'analytics')).config.max_ack_pending).toBe(1_000)
      expect(await consumers()).toEqual(['analytics'])
    },
    TEST_MS,
  )

  test(
    'together with those that were delivered and not settled when it was killed',
    async () => {
      const receiver = new Receiver()
      receiver.isSettling = false
      const first = await started({ receiver })
      await publish(fixture.server.url, numbered(20, 1))
      await until(() => receiver.taken.length === 20, WAIT_MS)
      receiver.settle(5)
      await until(async () => (await kept()) === 15, WAIT_MS)
      await first.vanish()
      await publish(fixture.server.url, numbered(10, 21))
      const second = await started()
      await until(() => second.receiver.taken.length === 25, WAIT_MS)
      expect(second.receiver.sequences).toEqual(numbers(6, 30))
      await until(async () => (await kept()) === 0, WAIT_MS, 'the settled messages to go')
      expect(second.missing).toEqual({ expired: 0, deleted: 0 })
    },
    TEST_MS,
  )

  /** The state after a crash between two steps: with the guard, and with or without the consumer. */
  test.each(['deleted', 'recreated'])(
    'when it is killed while its consumer is recreated: the consumer is %s',
    async (state) => {
      const first = await started()
      await publish(fixture.server.url, numbered(3, 1))
      await until(async () => first.receiver.taken.length === 3 && (await kept()) === 0, WAIT_MS)
      await first.stop()
      const config: Partial<ConsumerConfig> = {
        ack_policy: AckPolicy.All,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: 4,
      }
      await fixture.jsm.consumers.add('EVENTS', { ...config, durable_name: guardConsumerName('analytics') })
      await publish(fixture.server.url, numbered(10, 4))
      if (state === 'deleted') await fixture.jsm.consumers.delete('EVENTS', 'analytics')
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
  'no message is lost when the broker restarts and the consumer is recreated while the service runs',
  async () => {
    const receiver = new Receiver()
    receiver.isSettling = false
    const { source } = await started({ receiver })
    await publish(fixture.server.url, numbered(10, 1))
    await until(() => receiver.taken.length === 10, WAIT_MS)
    await fixture.server.restart()
    await until(async () => (await publish(fixture.server.url, numbered(10, 11))).length === 10, WAIT_MS)
    receiver.isSettling = true
    receiver.settle()
    await until(() => receiver.taken.length === 20, WAIT_MS)
    expect(receiver.sequences).toEqual(numbers(1, 20))
    expect(source.isBound()).toBe(true)
  },
  TEST_MS,
)

test(
  'messages published while the consumer was deleted are reported as missing',
  async () => {
    const first = await started()
    await publish(fixture.server.url, numbered(5, 1))
    await until(async () => first.receiver.taken.length === 5 && (await kept()) === 0, WAIT_MS)
    // A service that stops records what is settled, but does not wait for it.
    await first.source.pause()
    await until(async () => (await progressRecord().read())?.sequence === 5, WAIT_MS)
    await first.stop()
    // Another consumer that has received the messages by now; without it they would not get sequences.
    await fixture.jsm.consumers.add('EVENTS', { durable_name: 'other', ack_policy: AckPolicy.All })
    await fixture.jsm.consumers.delete('EVENTS', 'analytics')
    await publish(fixture.server.url, numbered(7, 6))
    const other = await fixture.connection.jetstream().consumers.get('EVENTS', 'other')
    for await (const message of await other.fetch({ max_messages: 7 })) message.ack()
    await until(async () => (await kept()) === 0, WAIT_MS)
    const second = await started()
    expect(second.missing).toEqual({ expired: 7, deleted: 0 })
    await publish(fixture.server.url, numbered(2, 13))
    await until(() => second.receiver.taken.length === 2, WAIT_MS)
    expect(second.receiver.sequences).toEqual([13, 14])
    expect(second.missing).toEqual({ expired: 7, deleted: 0 })
  },
  TEST_MS,
)

test(
  'a stream that allows one consumer only is refused with a hint and loses no message',
  async () => {
    await fixture.jsm.streams.delete('EVENTS')
    await fixture.jsm.streams.add({
      name: 'EVENTS',
      subjects: [...SUBJECTS],
      retention: RetentionPolicy.Interest,
      max_consumers: 1,
    })
    const first = await started()
    await publish(fixture.server.url, numbered(1, 1))
    await until(async () => first.receiver.taken.length === 1 && (await kept()) === 0, WAIT_MS)
    await first.stop()
    await publish(fixture.server.url, numbered(10, 2))
    const failure: unknown = await started({ maxAckPending: 1_000 }).catch((error: unknown) => error)
    expect(String(failure)).toContain('raise max_consumers by one')
    const second = await started()
    await until(() => second.receiver.taken.length === 10, WAIT_MS)
  },
  TEST_MS,
)
