import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import type { JetStreamManager, NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { PartitionSource } from '../../../src/nats/partitions/partition-source.ts'
import {
  ensurePartitionStream,
  lastForwardedSequence,
  partitionSubject,
} from '../../../src/nats/partitions/partition-stream.ts'
import { PARTITION_STREAM } from '../../../src/nats/names.ts'
import { PartitionForwarder } from '../../../src/nats/partitions/partition-forwarder.ts'
import { partitionOfTenant } from '../../../src/cluster/cluster-state.ts'
import { denseText } from '../../support/traffic/dense-text.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { Receiver } from '../../support/broker/receiver.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 30_000
const TENANT = 'tenant-1'
const PARTITION = partitionOfTenant(TENANT)

describe('events that one process forwards to another', () => {
  let server: NatsServer
  let connection: NatsConnection
  let jsm: JetStreamManager
  let gone: AbortController
  beforeEach(async () => {
    server = await startNatsServer()
    connection = await connectNats({ servers: [server.url], name: 'test' })
    jsm = await connection.jetstreamManager()
    await ensurePartitionStream(jsm)
    gone = new AbortController()
  }, 30_000)
  afterEach(async () => {
    gone.abort()
    await connection.close()
    await server.stop()
  }, 30_000)

  const openSender = () =>
    new PartitionForwarder({
      connection,
      durable: 'analytics',
      clock: systemClock,
      logger: keepingLogger(),
      signal: gone.signal,
    })

  async function openSource(receiver = new Receiver(), mayBind = () => Promise.resolve()) {
    const source = new PartitionSource({
      connection,
      durable: 'analytics',
      partition: PARTITION,
      limits: { maxAckPending: 60_000, ackWaitMs: 180_000 },
      mayBind,
      sourceCount: () => 1,
      clock: systemClock,
      logger: keepingLogger(),
    })
    receiver.acknowledge = (floor) => source.acknowledge(floor)
    await source.start(receiver)
    return { source, receiver }
  }

  const eventOf = (number: number, text = '') =>
    deliveryOf(number, { tenantId: TENANT, data: { number, text } }, { messageId: `m-${number}` })
  const numbersOf = ({ taken }: Receiver) => taken.map(({ messageId }) => Number(messageId?.slice(2)))

  test('arrive once each, in order, and are deleted when they are settled', async () => {
    const sender = openSender()
    const { source, receiver } = await openSource()
    const numbers = Array.from({ length: 2_000 }, (_, at) => at + 1)
    await Promise.all(numbers.map((number) => sender.put(eventOf(number), TENANT)))
    await until(() => receiver.taken.length === 2_000, WAIT_MS)
    expect(numbersOf(receiver)).toEqual(numbers)
    expect(receiver.taken[6]).toMatchObject({
      place: { stream: 'EVENTS', sequence: 7 },
      origin: { stream: 'EVENTS', sequence: 7 },
      subject: 'pipeline.message.sent',
    })
    await until(async () => (await lastForwardedSequence(jsm, 'analytics', PARTITION)) === 0, WAIT_MS)
    expect((await jsm.streams.info(PARTITION_STREAM)).state.messages).toBe(0)
    expect(source.settledUpTo).toBeGreaterThan(0)
    await source.pause()
  })

  test('belong to one partition only', async () => {
    const sender = openSender()
    const { source, receiver } = await openSource()
    const other = Array.from({ length: 50 }, (_, at) => `tenant-${at}`).find(
      (one) => partitionOfTenant(one) !== PARTITION,
    )!
    await sender.put(eventOf(1), other)
    await sender.put(eventOf(2), TENANT)
    await until(() => receiver.taken.length > 0, WAIT_MS)
    expect(numbersOf(receiver)).toEqual([2])
    await source.pause()
  })

  test('are delivered to the next owner of the partition, from the first unsettled one on', async () => {
    const sender = openSender()
    let isTakenOver = false
    const mayBind = async () => {
      if (isTakenOver) throw new Error('taken over')
    }
    const first = await openSource(new Receiver(), mayBind)
    first.receiver.isSettling = false
    for (let number = 1; number <= 5; number++) await sender.put(eventOf(number), TENANT)
    await until(() => first.receiver.taken.length === 5, WAIT_MS)
    first.receiver.settle(3)
    await connection.flush()
    isTakenOver = true
    const next = await openSource()
    await until(() => numbersOf(next.receiver).includes(5), WAIT_MS)
    expect(numbersOf(next.receiver)).toEqual([4, 5])
    first.receiver.settle()
    await Promise.all([first.source.pause(), next.source.pause()])
  })

  test('are not consumed by a process that does not own the partition', async () => {
    const refused = () => Promise.reject(new Error('not certain'))
    const outcome = await openSource(new Receiver(), refused).then(
      () => 'taken',
      (error: unknown) => String(error),
    )
    expect(outcome).toContain('not certain')
  })

  test('may have the largest size that the broker accepts', async () => {
    const sender = openSender()
    const { source, receiver } = await openSource()
    const room = 1_048_576 - JSON.stringify({ tenantId: TENANT, data: { number: 50, text: '' } }).length
    // At once, so that small events are sent in the same batch.
    const numbers = Array.from({ length: 99 }, (_, at) => at + 1)
    const large = eventOf(50, denseText(room))
    await Promise.all(numbers.map((number) => sender.put(number === 50 ? large : eventOf(number), TENANT)))
    await until(() => receiver.taken.length === 99, WAIT_MS)
    expect(numbersOf(receiver)).toEqual(numbers)
    expect(receiver.taken[49]!.data.byteLength).toBe(1_048_576)
    await source.pause()
  })

  test('are not lost when a message is not a batch: it is passed on unchanged', async () => {
    const sender = openSender()
    const { source, receiver } = await openSource()
    await sender.put(eventOf(1), TENANT)
    await connection.jetstream().publish(partitionSubject('analytics', PARTITION), 'not a batch')
    await sender.put(eventOf(2), TENANT)
    await until(() => receiver.taken.length === 3, WAIT_MS)
    expect(receiver.taken.map(({ messageId }) => messageId)).toEqual(['m-1', undefined, 'm-2'])
    const { data, place } = receiver.taken[1]!
    expect(new TextDecoder().decode(data)).toBe('not a batch')
    expect(place.stream).toBe(PARTITION_STREAM)
    await source.pause()
  })
})
