import { describe, expect, test } from 'bun:test'
import { NOW } from '../../support/ingest/event-samples.ts'
import { unavailable } from '../../support/ingest/ingest-ports.ts'
import { liveFixture, type LiveFixtureOptions, watch } from '../../support/live/live-fixture.ts'
import { LiveViewer } from '../../support/live/live-viewer.ts'
import { settled } from '../../support/base/manual-clock.ts'
import { eventOf } from '../../support/ingest/writer-fixture.ts'

const TO_MIDNIGHT_MS = Date.parse('2026-03-21T00:00:00.000Z') - NOW
const WAITS_A_QUERY = 3

/** Streams of tenants whose rows another process writes: `store` simulates these writes. */
function polledFixture({ delayMs = () => 1, ...options }: LiveFixtureOptions = {}) {
  const fixture = liveFixture({ isLocal: () => false, delayMs, ...options })
  return {
    ...fixture,
    store: (...events: ReturnType<typeof eventOf>[]) => {
      fixture.store.inserts.push(events.map(({ row }) => row))
    },
    drop: () => fixture.store.inserts.splice(0),
    async view(...how: Parameters<typeof fixture.join>) {
      const viewer = new LiveViewer()
      const joining = fixture.join(...how)
      await fixture.clock.advance(WAITS_A_QUERY * delayMs())
      const client = await joining
      void watch(client, viewer)
      await settled()
      return { viewer, client }
    },
  }
}

describe('a live stream of a tenant that another process stores', () => {
  test('sends increases after a reported change, and reads nothing otherwise', async () => {
    const fixture = polledFixture()
    fixture.store(eventOf(1))
    const { viewer } = await fixture.view()
    fixture.store(eventOf(2), eventOf(3, { channel: 'sms' }))
    await fixture.clock.advance(60_000)
    expect(viewer.count('message_sent')).toBe(1)
    fixture.hub.onStoredElsewhere(['t2'])
    await fixture.clock.advance(60_000)
    expect(fixture.queryCount()).toBe(1)
    fixture.hub.onStoredElsewhere(['t1', 't2'])
    await fixture.clock.advance(1_000)
    expect(viewer.counts).toEqual({ 'message_sent email': 2, 'message_sent sms': 1 })
    expect(viewer.told.map(({ event }) => event)).toEqual(['snapshot', 'delta'])
    expect(fixture.queryCount()).toBe(2)
  })

  test('reads again when a read of another caller fails after a change', async () => {
    let failures = 0
    const fixture = polledFixture({
      beforeQuery: () => {
        if (failures-- > 0) throw unavailable()
      },
    })
    const { viewer } = await fixture.view()
    fixture.store(eventOf(1))
    fixture.hub.onStoredElsewhere(['t1'])
    failures = 1
    await fixture.hub.verify()
    // Restarts the timer of the next read.
    await fixture.view()
    await fixture.clock.advance(30_000)
    expect(viewer.count('message_sent')).toBe(1)
  })

  test('polls where no changes are reported, and only while it has clients', async () => {
    const fixture = polledFixture({ pollIntervalMs: 1_000 })
    const { viewer, client } = await fixture.view()
    fixture.store(eventOf(1))
    await fixture.clock.advance(1_250)
    expect(viewer.count('message_sent')).toBe(1)
    await fixture.clock.advance(8_750)
    expect(viewer.told).toHaveLength(2)
    expect(fixture.queryCount()).toBe(11)
    client.close()
    fixture.store(eventOf(2))
    await fixture.clock.advance(30_000)
    expect(fixture.queryCount()).toBe(11)
    void watch(await fixture.join({}, { lastEventId: viewer.lastEventId }), viewer)
    await fixture.clock.advance(250)
    expect(viewer.told.map(({ event }) => event)).toEqual(['snapshot', 'delta', 'delta'])
    expect(viewer.count('message_sent')).toBe(2)
  })

  test('reads four times per second at most, one after the other, and once more for a change in the meantime', async () => {
    const fixture = polledFixture({ delayMs: () => 40 })
    const { viewer } = await fixture.view()
    for (let index = 1; index <= 200; index++) {
      fixture.store(eventOf(index))
      fixture.hub.onStoredElsewhere(['t1'])
      await fixture.clock.advance(10)
    }
    await fixture.clock.advance(1_000)
    expect(viewer.count('message_sent')).toBe(200)
    const gaps = fixture.queries.slice(1).map(({ startedAt }, index) => startedAt - fixture.queries[index]!.startedAt)
    expect(gaps.length).toBeGreaterThanOrEqual(8)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
  })

  test('never runs two reads concurrently, even if one is slow', async () => {
    const fixture = polledFixture({ delayMs: () => 700 })
    const { viewer } = await fixture.view()
    for (let index = 1; index <= 100; index++) {
      fixture.store(eventOf(index))
      fixture.hub.onStoredElsewhere(['t1'])
      await fixture.clock.advance(100)
    }
    await fixture.clock.advance(10_000)
    expect(viewer.count('message_sent')).toBe(100)
    for (const [index, { startedAt }] of fixture.queries.entries())
      expect(startedAt).toBeGreaterThanOrEqual(fixture.queries[index - 1]?.endedAt ?? 0)
  })

  test('is reset when its counts decrease', async () => {
    const fixture = polledFixture()
    fixture.store(eventOf(1), eventOf(2))
    const { viewer } = await fixture.view()
    fixture.drop()
    fixture.store(eventOf(3))
    fixture.hub.onStoredElsewhere(['t1'])
    await fixture.clock.advance(1_000)
    expect(viewer.resyncs).toEqual(['uncertain'])
    expect(viewer.count('message_sent')).toBe(1)
  })

  test('is reset at midnight, when the range changes, even during a read', async () => {
    const fixture = polledFixture({ delayMs: () => 200 })
    fixture.store(eventOf(1), eventOf(2, { occurred_at: NOW - 86_400_000 }))
    const { viewer } = await fixture.view()
    await fixture.clock.advance(TO_MIDNIGHT_MS - 600 - 100)
    fixture.hub.onStoredElsewhere(['t1'])
    await fixture.clock.advance(5_000)
    expect(viewer.resyncs).toEqual(['range'])
    expect(viewer.count('message_sent')).toBe(1)
  })

  test('continues after the store was unavailable', async () => {
    let isDown = false
    const fixture = polledFixture({
      beforeQuery: () => {
        if (isDown) throw unavailable()
      },
    })
    const { viewer } = await fixture.view()
    isDown = true
    fixture.store(eventOf(1))
    fixture.hub.onStoredElsewhere(['t1'])
    await fixture.clock.advance(60_000)
    expect(fixture.queryCount()).toBeLessThan(20)
    isDown = false
    await fixture.clock.advance(11_000)
    expect(viewer.count('message_sent')).toBe(1)
    expect(viewer.resyncs).toEqual([])
  })

  test('is compared with the store like the others, and sends changes that were not reported', async () => {
    const fixture = polledFixture()
    const { viewer } = await fixture.view()
    fixture.store(eventOf(1))
    const looked = fixture.hub.verify()
    await fixture.clock.advance(1_000)
    expect(await looked).toEqual({ streams: 1, differing: 0 })
    expect(viewer.count('message_sent')).toBe(1)
    expect(viewer.resyncs).toEqual([])
  })

  test('ends when this process stores its tenant from now on, and continues as a pushed stream', async () => {
    let isWrittenHere = false
    const fixture = polledFixture({ isLocal: (tenantId) => tenantId === 't1' && isWrittenHere })
    const { viewer, client } = await fixture.view()
    const other = await fixture.view({ tenantId: 't2' })
    isWrittenHere = true
    fixture.hub.endReassigned((tenantId) => tenantId === 't1')
    expect([client.isClosed, other.client.isClosed]).toEqual([true, false])
    const next = await fixture.view({}, { lastEventId: viewer.lastEventId })
    expect(next.viewer.resyncs).toEqual(['gone'])
    await fixture.write(eventOf(1))
    await fixture.clock.advance(1_000)
    expect(next.viewer.count('message_sent')).toBe(1)
    // The writer announced its write: the only queries are one snapshot per stream.
    expect(fixture.queryCount()).toBe(3)
  })

  test('leaves no timer behind', async () => {
    const fixture = polledFixture({ pollIntervalMs: 1_000 })
    await fixture.view()
    await fixture.view({ tenantId: 't2' })
    await fixture.clock.advance(5_000)
    fixture.hub.close()
    await settled()
    expect(fixture.clock.timerCount).toBe(0)
  })
})
