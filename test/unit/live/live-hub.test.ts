import { describe, expect, test } from 'bun:test'
import { NOW } from '../../support/ingest/event-samples.ts'
import { liveFixture, watch } from '../../support/live/live-fixture.ts'
import { LiveViewer } from '../../support/live/live-viewer.ts'
import { settled } from '../../support/base/manual-clock.ts'
import { blockOf, eventOf } from '../../support/ingest/writer-fixture.ts'

const TO_MIDNIGHT_MS = Date.parse('2026-03-21T00:00:00.000Z') - NOW

async function viewing(fixture: ReturnType<typeof liveFixture>, ...how: Parameters<typeof fixture.join>) {
  const viewer = new LiveViewer()
  const client = await fixture.join(...how)
  const ended = watch(client, viewer)
  await settled()
  return { viewer, client, ended }
}

describe('live streams', () => {
  test('send the stored counts, then the increases, and nothing of other tenants', async () => {
    const fixture = liveFixture()
    await fixture.write(eventOf(1), eventOf(2), eventOf(3, { tenant_id: 't2' }))
    await fixture.clock.advance(1_000)
    const [one, other] = [await viewing(fixture), await viewing(fixture, { tenantId: 't2' })]
    expect([one.viewer.counts, other.viewer.counts]).toEqual([{ 'message_sent email': 2 }, { 'message_sent email': 1 }])
    await fixture.write(eventOf(4), eventOf(1))
    await fixture.clock.advance(1_000)
    expect([one.viewer.counts, other.viewer.counts]).toEqual([{ 'message_sent email': 3 }, { 'message_sent email': 1 }])
    expect(other.viewer.told).toHaveLength(1)
  })

  test('send at most four messages per second, for any number of blocks', async () => {
    const fixture = liveFixture()
    const { viewer } = await viewing(fixture)
    for (let index = 1; index <= 100; index++) {
      const block = blockOf(eventOf(index))
      await fixture.hub.coordinator.begin(block)
      fixture.hub.coordinator.end(block, block.allRows())
      await fixture.clock.advance(10)
    }
    await fixture.clock.advance(1_000)
    expect(viewer.count('message_sent')).toBe(100)
    expect(viewer.told.length).toBeLessThanOrEqual(1 + 5)
  })

  test('are read from the store once for all clients with equal requests', async () => {
    const fixture = liveFixture()
    await Promise.all(Array.from({ length: 20 }, () => viewing(fixture)))
    await viewing(fixture, { filters: { channel: 'email' } })
    expect(fixture.queryCount()).toBe(2)
  })

  test('continue after the message that a client names: with the missed counts, once', async () => {
    const fixture = liveFixture()
    const { viewer, client } = await viewing(fixture)
    await fixture.write(eventOf(1))
    await fixture.clock.advance(1_000)
    client.close()
    for (const index of [2, 3]) {
      await fixture.write(eventOf(index))
      await fixture.clock.advance(1_000)
    }
    void watch(await fixture.join({}, { lastEventId: viewer.lastEventId }), viewer)
    await fixture.write(eventOf(4))
    await fixture.clock.advance(1_000)
    expect(viewer.count('message_sent')).toBe(4)
    expect(viewer.told.map(({ event }) => event)).toEqual(['snapshot', 'delta', 'delta', 'delta'])
    expect(viewer.resyncs).toEqual([])
    expect(fixture.queryCount()).toBe(1)
  })

  test.each(['nonsense', '', 'a.b', '3f8a2c1e-5b7d.1', 'resync'])(
    'start over for a client that names %j',
    async (lastEventId) => {
      const fixture = liveFixture()
      await fixture.write(eventOf(1))
      await fixture.clock.advance(1_000)
      const { viewer } = await viewing(fixture, {}, { lastEventId })
      expect(viewer.told.map(({ event }) => event)).toEqual(['resync', 'snapshot'])
      expect(viewer.resyncs).toEqual(['gone'])
      expect(viewer.count('message_sent')).toBe(1)
    },
  )

  test('send a new snapshot to a client that was disconnected for too long, and to one with another request', async () => {
    const fixture = liveFixture()
    const { viewer, client } = await viewing(fixture)
    const { lastEventId } = viewer
    for (let index = 1; index <= 121; index++) {
      await fixture.write(eventOf(index))
      await fixture.clock.advance(300)
    }
    client.close()
    expect((await viewing(fixture, {}, { lastEventId })).viewer.resyncs).toEqual(['gone'])
    const other = await viewing(fixture, { filters: { channel: 'email' } }, { lastEventId: viewer.lastEventId })
    expect(other.viewer.resyncs).toEqual(['gone'])
  })

  test('are reset at midnight, when the range changes', async () => {
    const fixture = liveFixture()
    await fixture.write(eventOf(1), eventOf(2, { occurred_at: NOW - 86_400_000 }))
    await fixture.clock.advance(1_000)
    const { viewer } = await viewing(fixture)
    expect(viewer.count('message_sent')).toBe(2)
    await fixture.clock.advance(TO_MIDNIGHT_MS + 300_000)
    expect(viewer.resyncs).toEqual(['range'])
    expect(viewer.count('message_sent')).toBe(1)
    expect(viewer.told.at(-1)?.data.range?.start).toBe('2026-03-20T00:00:00.000Z')
  })

  test('are reset when the store contains other counts', async () => {
    const fixture = liveFixture()
    const { viewer } = await viewing(fixture)
    expect(await fixture.hub.verify()).toEqual({ streams: 1, differing: 0 })
    // A write by another process.
    fixture.store.inserts.push([eventOf(9).row])
    expect(await fixture.hub.verify()).toEqual({ streams: 1, differing: 1 })
    await settled()
    expect(viewer.resyncs).toEqual(['uncertain'])
    expect(viewer.count('message_sent')).toBe(1)
  })

  test('are refused above the limits per tenant and of the process, and before the store is ready', async () => {
    const fixture = liveFixture({ maxClients: 3, maxClientsPerTenant: 2 })
    const [first] = [await fixture.join(), await fixture.join()]
    expect(fixture.join()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await fixture.join({ tenantId: 't2' })
    expect(fixture.join({ tenantId: 't3' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(fixture.metrics.liveClients.value()).toBe(3)
    first.close()
    await fixture.join()
    fixture.hub.close()
    expect(fixture.metrics.liveClients.value()).toBe(0)
    expect(fixture.join()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('are removed a minute after the last client has left', async () => {
    const fixture = liveFixture()
    for (let index = 0; index < 50; index++) {
      const client = await fixture.join({ filters: { campaignId: `c${index}` } })
      client.close()
    }
    expect((await fixture.hub.verify()).streams).toBe(8)
    await fixture.clock.advance(60_000)
    expect((await fixture.hub.verify()).streams).toBe(0)
    expect(fixture.clock.timerCount).toBe(0)
  })

  test('never fail ingestion', async () => {
    const fixture = liveFixture()
    const { ended } = await viewing(fixture)
    const broken = blockOf(eventOf(1))
    broken.readRow = () => {
      throw new Error('poison')
    }
    await fixture.hub.coordinator.begin(broken)
    fixture.hub.coordinator.end(broken, broken.allRows())
    await ended
    expect((await viewing(fixture)).viewer.counts).toEqual({})
  })

  test('are read even while full blocks follow each other: the writer is delayed', async () => {
    const fixture = liveFixture({ delayMs: () => 20 })
    const blocks = (async () => {
      for (let index = 1; index <= 60; index++) {
        const block = blockOf(eventOf(index))
        await fixture.hub.coordinator.begin(block)
        await fixture.store.insertRows(block, block.allRows())
        await new Promise<void>((resolve) => fixture.clock.after(30, resolve))
        fixture.hub.coordinator.end(block, block.allRows())
      }
    })()
    const viewer = new LiveViewer()
    const joining = fixture.join().then((client) => void watch(client, viewer))
    await fixture.clock.advance(2_000)
    await joining
    expect(fixture.store.rows.length).toBeGreaterThan(viewer.told.length)
    await fixture.clock.advance(5_000)
    await blocks
    expect(viewer.count('message_sent')).toBe(fixture.store.rows.length)
  })
})
