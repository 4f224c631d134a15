import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { type JetStreamManager, type NatsConnection, RetentionPolicy } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import type { Delivery, EventSource } from '../../../src/ingest/ports.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { DEAD_LETTER_HEADERS } from '../../../src/nats/dead-letters/dead-letter-headers.ts'
import { DeferredConsumers } from '../../../src/nats/deferred/deferred-consumers.ts'
import { DeferredStream, ensureDeferredStream } from '../../../src/nats/deferred/deferred-stream.ts'
import { DEFERRED_STREAM } from '../../../src/nats/names.ts'
import { DEAD_LETTER_STREAM } from '../../../src/nats/names.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { streamLimits } from '../../../src/nats/stream-limits.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { Receiver } from '../../support/broker/receiver.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 30_000
const limits = { maxAckPending: 60_000, ackWaitMs: 180_000 }

describe('deferred events', () => {
  let server: NatsServer
  let connection: NatsConnection
  let jsm: JetStreamManager
  let delayed: DeferredStream
  let stop: () => Promise<void>
  beforeEach(async () => {
    server = await startNatsServer({ maxPayloadBytes: 65_536 })
    connection = await connectNats({ servers: [server.url], name: 'test' })
    jsm = await connection.jetstreamManager()
    await ensureDeferredStream(jsm)
    delayed = new DeferredStream(connection)
    stop = () => Promise.resolve()
  }, 30_000)
  afterEach(async () => {
    await stop()
    await connection.close()
    await server.stop()
  }, 30_000)

  /** Opens consumers; the delivered events by tenant. */
  function openLanes(isSettling = true, failing?: string) {
    const receivers = new Map<string, Receiver>()
    const delayedTenants = new Set<string>()
    const sources: EventSource[] = []
    const gone = new AbortController()
    const deferredConsumers = new DeferredConsumers({
      connection,
      limits,
      streamLimits: streamLimits({ deferredMaxMb: 16 }),
      deadLetters: new DeadLetterStream(connection),
      clock: systemClock,
      logger: keepingLogger(),
      signal: gone.signal,
      isLocal: () => true,
      async consume(source, tenantId) {
        const receiver = receivers.get(tenantId) ?? new Receiver()
        receivers.set(tenantId, receiver)
        receiver.isSettling = isSettling
        if (tenantId === failing) throw new Error('This consumer cannot be opened.')
        receiver.acknowledge = (floor) => source.acknowledge(floor)
        await source.start(receiver)
        sources.push(source)
        return () => source.pause()
      },
      onDeferred: (tenantId, isDelayed) => (isDelayed ? delayedTenants.add(tenantId) : delayedTenants.delete(tenantId)),
      onPending: (_, isFull) => {
        delayed.isFull = isFull
      },
    })
    const ended = deferredConsumers.run()
    stop = async () => {
      gone.abort()
      await ended
      await Promise.all(sources.map((source) => source.pause()))
    }
    const taken = (tenantId: string): readonly Delivery[] => receivers.get(tenantId)?.taken ?? []
    return { taken, delayedTenants, receivers }
  }
  const waitingCount = async () => (await jsm.streams.info(DEFERRED_STREAM)).state.messages
  const consumerCount = async () => (await jsm.streams.info(DEFERRED_STREAM)).state.consumer_count

  test('are delivered by the consumer of their tenant with their identity, once, and then deleted', async () => {
    for (let n = 1; n <= 60; n++) {
      const delivery = deliveryOf(n, `body ${n}`, n % 2 ? { messageId: `id-${n}` } : {})
      await delayed.put(delivery, `tenant_${n % 3}.a:b`)
      // After a crash in between it is deferred again.
      await delayed.put(delivery, `tenant_${n % 3}.a:b`)
    }
    expect(await waitingCount()).toBe(60)
    const { taken, delayedTenants } = openLanes()
    await until(async () => (await waitingCount()) === 0, WAIT_MS, 'nothing to wait')
    await until(async () => (await consumerCount()) === 0, WAIT_MS, 'the consumers to close')
    expect(delayedTenants.size).toBe(0)
    for (const rest of [0, 1, 2]) {
      const expected = Array.from({ length: 60 }, (_, i) => i + 1).filter((n) => n % 3 === rest)
      const deliveries = taken(`tenant_${rest}.a:b`)
      expect(deliveries.map(({ origin }) => origin)).toEqual(expected.map((n) => deliveryOf(n, '').origin))
      expect(deliveries.map(({ messageId }) => messageId)).toEqual(expected.map((n) => (n % 2 ? `id-${n}` : undefined)))
      expect(deliveries.map(({ data }) => new TextDecoder().decode(data))).toEqual(expected.map((n) => `body ${n}`))
      expect(new Set(deliveries.map(({ subject }) => subject))).toEqual(new Set([deliveryOf(1, '').subject]))
    }
  }, 60_000)

  test('stay until they are settled, despite deletions of others, and are delivered after a restart', async () => {
    const put = async (first: number, last: number) => {
      for (let n = first; n <= last; n++) await delayed.put(deliveryOf(n, 'x'), n % 2 ? 'odd' : 'even')
    }
    await put(1, 40)
    const first = openLanes(false)
    const settleFirst = async (tenant: string, count: number, left: number) => {
      first.receivers.get(tenant)!.settle(count)
      await until(async () => (await waitingCount()) === left, WAIT_MS, 'what is settled to be deleted')
    }
    await until(
      () => first.taken('odd').length + first.taken('even').length === 40,
      WAIT_MS,
      'the consumers to deliver',
    )
    await settleFirst('odd', 5, 35)
    // Each of these is a later poll, which must not delete anything else.
    await settleFirst('even', 3, 32)
    await settleFirst('even', 2, 30)
    await put(41, 60)
    await until(
      () => first.taken('odd').length + first.taken('even').length === 60,
      WAIT_MS,
      'the consumers to deliver',
    )
    await settleFirst('even', 5, 45)
    await stop()
    const second = openLanes()
    await until(async () => (await waitingCount()) === 0, WAIT_MS, 'nothing to wait')
    const sequences = (tenant: string) => second.taken(tenant).map(({ origin }) => origin.sequence)
    expect(sequences('odd')).toEqual(Array.from({ length: 25 }, (_, n) => 11 + 2 * n))
    expect(sequences('even')).toEqual(Array.from({ length: 20 }, (_, n) => 22 + 2 * n))
  }, 60_000)

  // Found with a purge of a subject's settled messages instead of a deletion of each: of some 30,000 events published meanwhile to other subjects a few were never
  // delivered and deleted later.
  test('are all delivered while more events of many tenants are deferred', async () => {
    const { receivers } = openLanes()
    const numbers = Array.from({ length: 6_000 }, (_, n) => n + 1)
    for (let first = 0; first < numbers.length; first += 100) {
      const some = numbers.slice(first, first + 100)
      await Promise.all(some.map((n) => delayed.put(deliveryOf(n, 'x'), `tenant-${n % 40}`)))
    }
    await until(async () => (await waitingCount()) === 0, WAIT_MS, 'nothing to wait')
    const taken = [...receivers.values()].flatMap((receiver) => receiver.taken.map(({ origin }) => origin.sequence))
    expect(taken.toSorted((a, b) => a - b)).toEqual(numbers)
  }, 60_000)

  test('get a new stream after theirs was deleted', async () => {
    await jsm.streams.delete(DEFERRED_STREAM)
    const { taken } = openLanes()
    await until(
      () =>
        delayed.put(deliveryOf(1, 'x'), 't').then(
          () => true,
          () => false,
        ),
      WAIT_MS,
      'the stream',
    )
    await until(() => taken('t').length === 1, WAIT_MS, 'the event to come back')
  }, 60_000)

  test('that are invalid become dead letters with their original position', async () => {
    await ensureDeadLetterStream(jsm)
    await delayed.put(deliveryOf(41, 'x'), 'other')
    await delayed.put(deliveryOf(42, 'x'), 't')
    const { taken } = openLanes()
    await until(() => taken('t').length === 1, WAIT_MS, 'the event to come back')
    const delivery = taken('t')[0]!
    expect(delivery.stream).toBe(DEFERRED_STREAM)
    await new DeadLetterStream(connection).put({ delivery, reason: 'invalid_text', message: 'It is no text.' })
    const { header } = await jsm.streams.getMessage(DEAD_LETTER_STREAM, { seq: 1 })
    const original = deliveryOf(42, 'x')
    expect(header.get(DEAD_LETTER_HEADERS.subject)).toBe(original.subject)
    expect(header.get(DEAD_LETTER_HEADERS.stream)).toBe(original.origin.stream)
    expect(header.get(DEAD_LETTER_HEADERS.sequence)).toBe('42')
    expect(header.get(DEAD_LETTER_HEADERS.storedAt)).toBe(String(original.origin.storedAt))
  }, 60_000)

  test('are refused while the stream is nearly full, so that no tenant waits for space', async () => {
    await jsm.streams.delete(DEFERRED_STREAM)
    await ensureDeferredStream(jsm, streamLimits({ deferredMaxMb: 16 }))
    const body = 'x'.repeat(60_000)
    const { receivers } = openLanes(false)
    await until(() => delayed.fits(deliveryOf(1, body)), WAIT_MS, 'a look at the stream')
    for (let n = 1; n <= 260; n++) await delayed.put(deliveryOf(n, body), 't')
    await until(() => !delayed.fits(deliveryOf(300, body)), WAIT_MS, 'the stream to be taken for full')
    await until(() => receivers.get('t')?.taken.length === 260, WAIT_MS, 'the consumer to deliver')
    receivers.get('t')!.settle(200)
    await until(() => delayed.fits(deliveryOf(300, body)), WAIT_MS, 'room')
  }, 60_000)

  test('without a tenant become dead letters and stop no consumer', async () => {
    await ensureDeadLetterStream(jsm)
    const jetstream = connection.jetstream()
    const invalid = ['analytics.deferred.*', 'analytics.deferred.>', 'analytics.deferred.a_', 'analytics.deferred.%s']
    for (const subject of invalid) await jetstream.publish(subject, subject)
    for (let n = 1; n <= 10; n++) await delayed.put(deliveryOf(n, 'x'), n % 2 ? 'odd' : 'even')
    const { taken } = openLanes()
    await until(async () => (await waitingCount()) === 0, WAIT_MS, 'nothing to wait')
    expect(taken('odd').length + taken('even').length).toBe(10)
    const deadLetters = await Promise.all(
      invalid.map((_, index) => jsm.streams.getMessage(DEAD_LETTER_STREAM, { seq: index + 1 })),
    )
    expect(deadLetters.map(({ data }) => new TextDecoder().decode(data))).toEqual(invalid)
    expect(deadLetters.map(({ header }) => header.get(DEAD_LETTER_HEADERS.subject))).toEqual(invalid)
    expect(new Set(deadLetters.map(({ subject }) => subject))).toEqual(new Set(['analytics.dead.invalid_tenant']))
  }, 60_000)

  test('of a tenant whose consumer fails wait; those of others are delivered', async () => {
    for (let n = 1; n <= 10; n++) await delayed.put(deliveryOf(n, 'x'), n % 2 ? 'a-failing' : 'working')
    const { taken } = openLanes(true, 'a-failing')
    await until(() => taken('working').length === 5, WAIT_MS, 'the working consumer')
    await until(async () => (await waitingCount()) === 5, WAIT_MS, 'the others to wait')
  }, 60_000)

  test('are not put into a stream that would drop them while a consumer is recreated', async () => {
    await jsm.streams.delete(DEFERRED_STREAM)
    await jsm.streams.add({
      name: DEFERRED_STREAM,
      subjects: ['analytics.deferred.*'],
      retention: RetentionPolicy.Interest,
    })
    expect(await ensureDeferredStream(jsm).then(() => 'taken', String)).toContain('retention interest')
  }, 60_000)

  test('that the broker would refuse do not fit', async () => {
    const largest = deliveryOf(1, 'x'.repeat(65_536))
    expect(delayed.fits(largest)).toBe(false)
    expect(
      await delayed.put(largest, 't').then(
        () => 'kept',
        () => 'refused',
      ),
    ).toBe('refused')
    const fitting = deliveryOf(2, 'x'.repeat(61_000), { messageId: 'm'.repeat(1_000) })
    expect(delayed.fits(fitting)).toBe(true)
    await delayed.put(fitting, 't')
    expect(await waitingCount()).toBe(1)
  }, 60_000)
})
