import { describe, expect, test } from 'bun:test'
import { deliveryOf, envelope } from '../../support/ingest/event-samples.ts'
import { unavailable } from '../../support/ingest/ingest-ports.ts'
import { MAX_BYTES, ingestFixture } from '../../support/ingest/ingest-fixture.ts'

describe('a delivery', () => {
  test('is acknowledged when it is stored: the floor, once for many deliveries', async () => {
    const { clock, store, source, deliver } = await ingestFixture()
    for (let sequence = 1; sequence <= 5; sequence++) await deliver(sequence)
    expect(source.acknowledged).toEqual([])
    await clock.advance(500)
    expect(store.rows).toHaveLength(5)
    expect(source.acknowledged).toEqual([5])
  })

  test('that is redelivered is ignored while it is in flight, and acknowledged again when it is settled', async () => {
    const { clock, store, source, metrics, deliver } = await ingestFixture()
    await deliver(1)
    await deliver(1)
    await clock.advance(500)
    await deliver(1)
    await clock.advance(500)
    expect(store.rows).toHaveLength(1)
    // Its acknowledgement was lost.
    expect(source.acknowledged).toEqual([1, 1])
    expect([metrics.eventsReceived.total(), metrics.eventsRedelivered.total()]).toEqual([1, 2])
  })

  test('on a subject that is not in the catalogue is settled as ignored', async () => {
    const { store, letters, source, metrics, deliver } = await ingestFixture()
    await deliver(1, 'whatever', { subject: 'pipeline.message.queued' })
    expect(source.acknowledged).toEqual([1])
    expect([store.calls.length, letters.letters.length, metrics.eventsIgnored.total()]).toEqual([0, 0, 1])
  })

  test('on an enrollment subject with an invalid last token becomes a dead letter of its tenant', async () => {
    const { letters, ingestion, source, deliver } = await ingestFixture()
    const body = envelope({ enrollmentId: 'enr' }, { eventId: 'e1' })
    await deliver(1, body, { subject: `sequence.enrollment.${'x'.repeat(3_000)}` })
    await deliver(2, body, { subject: 'sequence.enrollment.Re-Engaged' })
    expect(letters.letters.map(({ reason }) => reason)).toEqual(['invalid_subject', 'invalid_subject'])
    expect(ingestion.busiestTenants(1)).toMatchObject([{ tenantId: 't1', dead_lettered: 2 }])
    expect(source.acknowledged.at(-1)).toBe(2)
  })

  test('on an unknown subject from a source of forwarded events becomes a dead letter', async () => {
    const { letters, source, deliver } = await ingestFixture({ isPassedOn: true })
    await deliver(1, 'no pack', { subject: 'partition.analytics.3' })
    expect(letters.letters.map(({ delivery, reason }) => [delivery.sequence, reason])).toEqual([[1, 'invalid_json']])
    expect(source.acknowledged).toEqual([1])
  })

  test('that is rejected becomes a dead letter with its reason, and the other events are stored', async () => {
    const { clock, store, letters, source, metrics, deliver } = await ingestFixture()
    await deliver(1)
    await deliver(2, 'no json')
    await deliver(3, envelope({ channel: 'fax' }))
    await deliver(4)
    await clock.advance(500)
    expect(letters.letters.map(({ delivery, reason }) => [delivery.sequence, reason])).toEqual([
      [2, 'invalid_json'],
      [3, 'unknown_channel'],
    ])
    expect(store.rows).toHaveLength(2)
    expect(source.acknowledged.at(-1)).toBe(4)
    expect(metrics.eventsDeadLettered.value({ reason: 'unknown_channel' })).toBe(1)
  })

  test('that is rejected is acknowledged only when its dead letter is stored, after any number of attempts', async () => {
    const { clock, letters, source, deliver } = await ingestFixture()
    const failures = { count: 0 }
    letters.before = () => {
      if (failures.count++ < 30) throw new Error('The broker is gone.')
    }
    await deliver(1, 'no json')
    await deliver(2)
    while (failures.count < 30) {
      expect(source.acknowledged).toEqual([])
      await clock.advance(10_000)
    }
    await clock.advance(10_000)
    expect(source.acknowledged).toEqual([2])
    expect(letters.letters).toHaveLength(1)
  })

  test('whose row the store rejects is acknowledged only when its dead letter is stored', async () => {
    const { clock, store, letters, source, handler, deliver } = await ingestFixture()
    store.refuses = ({ entity_id }) => entity_id === 'bad'
    let isBroken = true
    letters.before = () => {
      if (isBroken) throw new Error('The broker is gone.')
    }
    await deliver(1)
    await deliver(2, envelope({ messageId: 'bad' }))
    await deliver(3)
    await clock.advance(60_000)
    expect(source.acknowledged).toEqual([1])
    expect(store.rows).toHaveLength(2)
    isBroken = false
    await clock.advance(60_000)
    expect(source.acknowledged).toEqual([1, 3])
    expect(letters.letters.map(({ reason }) => reason)).toEqual(['store_rejected'])
    expect(handler.capacity().bytes).toBe(MAX_BYTES)
  })
})

describe('capacity', () => {
  test('decreases by the deliveries in flight and increases when they are settled', async () => {
    const { clock, source, handler, deliver } = await ingestFixture()
    const delivery = deliveryOf(1)
    handler.deliver(delivery)
    expect(handler.capacity().bytes).toBe(MAX_BYTES - delivery.data.byteLength)
    await deliver(2, 'x'.repeat(2 * MAX_BYTES), { subject: 'pipeline.message.sent' })
    await clock.advance(500)
    expect(handler.capacity().bytes).toBe(MAX_BYTES)
    expect(source.wakeCount).toBeGreaterThan(0)
  })

  test('is 0, never negative, when too many events are in flight, even small ones', async () => {
    const { clock, store, handler, deliver } = await ingestFixture({ maxInFlightEvents: 2 })
    let isDown = true
    store.before = () => {
      if (isDown) throw unavailable()
    }
    await deliver(1)
    expect(handler.capacity().events).toBe(1)
    // Settled at once, as a dead letter, but above the floor.
    await deliver(2, envelope({ pad: 'x'.repeat(2 * MAX_BYTES) }))
    expect(handler.capacity().events).toBe(0)
    isDown = false
    await clock.advance(30_000)
    expect(handler.capacity().events).toBe(2)
    expect(handler.capacity().bytes).toBe(MAX_BYTES)
  })
})

describe('stopping', () => {
  test('stores and acknowledges what is buffered', async () => {
    const { clock, store, source, ingestion, deliver } = await ingestFixture()
    for (let sequence = 1; sequence <= 3; sequence++) await deliver(sequence)
    const stopped = ingestion.stop(new AbortController().signal)
    await clock.advance(100)
    await stopped
    expect(store.rows).toHaveLength(3)
    expect(source.acknowledged).toEqual([3])
    expect(clock.timerCount).toBe(0)
  })

  test('leaves events that the store did not accept unacknowledged at the deadline', async () => {
    const { clock, store, source, ingestion, deliver } = await ingestFixture()
    store.before = () => {
      throw unavailable()
    }
    await deliver(1)
    const deadline = new AbortController()
    const stopped = ingestion.stop(deadline.signal)
    await clock.advance(5_000)
    deadline.abort()
    await clock.advance(100)
    await stopped
    expect(source.acknowledged).toEqual([])
  })

  /** A source that waits for quiesce does not pause while the store is down: the stop must not wait for it for ever. */
  test('ends at the deadline even while the source waits for quiesce', async () => {
    const { clock, store, source, ingestion, handler, deliver } = await ingestFixture()
    store.before = () => {
      throw unavailable()
    }
    await deliver(1)
    source.pausing = handler.quiesce().then(() => undefined)
    const deadline = new AbortController()
    const stopped = ingestion.stop(deadline.signal)
    await clock.advance(5_000)
    deadline.abort()
    await clock.advance(100)
    await stopped
    await source.pausing
    expect(source.acknowledged).toEqual([])
  })
})

test('quiesce resolves with the acknowledgement floor when no delivery is in flight', async () => {
  const { clock, store, handler, deliver } = await ingestFixture()
  for (let sequence = 4; sequence <= 6; sequence++) await deliver(sequence)
  const floor = handler.quiesce()
  await clock.advance(40)
  expect(await floor).toBe(6)
  expect(store.rows).toHaveLength(3)
  handler.startAfter(2)
  await deliver(3)
  await clock.advance(500)
  expect(store.rows).toHaveLength(4)
})
