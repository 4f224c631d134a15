import { describe, expect, test } from 'bun:test'
import { NOW } from '../../support/ingest/event-samples.ts'
import { liveStage, watch } from '../../support/live/live-fixture.ts'
import { LiveViewer } from '../../support/live/live-viewer.ts'
import { settled } from '../../support/base/manual-clock.ts'
import { eventOf } from '../../support/ingest/writer-fixture.ts'

const TO_MIDNIGHT_MS = Date.parse('2026-03-21T00:00:00.000Z') - NOW

async function viewing(stage: ReturnType<typeof liveStage>, ...how: Parameters<typeof stage.join>) {
  const viewer = new LiveViewer()
  const client = await stage.join(...how)
  const ended = watch(client, viewer)
  await settled()
  return { viewer, client, ended }
}

describe('live streams', () => {
  test('tell what was stored before, then what is stored, and nothing of other tenants', async () => {
    const stage = liveStage()
    await stage.write(eventOf(1), eventOf(2), eventOf(3, { tenant_id: 't2' }))
    await stage.clock.advance(1_000)
    const [one, other] = [await viewing(stage), await viewing(stage, { tenantId: 't2' })]
    expect([one.viewer.counts, other.viewer.counts]).toEqual([{ 'message_sent email': 2 }, { 'message_sent email': 1 }])
    await stage.write(eventOf(4), eventOf(1))
    await stage.clock.advance(1_000)
    expect([one.viewer.counts, other.viewer.counts]).toEqual([{ 'message_sent email': 3 }, { 'message_sent email': 1 }])
    expect(other.viewer.told).toHaveLength(1)
  })

  test('are at most four messages a second, however many blocks there are', async () => {
    const stage = liveStage()
    const { viewer } = await viewing(stage)
    for (let index = 1; index <= 100; index++) {
      await stage.hub.coordinator.begin([eventOf(index)])
      stage.hub.coordinator.end([eventOf(index)])
      await stage.clock.advance(10)
    }
    await stage.clock.advance(1_000)
    expect(viewer.count('message_sent')).toBe(100)
    expect(viewer.told.length).toBeLessThanOrEqual(1 + 5)
  })

  test('are read from the store once for all who ask the same', async () => {
    const stage = liveStage()
    await Promise.all(Array.from({ length: 20 }, () => viewing(stage)))
    await viewing(stage, { filters: { channel: 'email' } })
    expect(stage.queryCount()).toBe(2)
  })

  test('go on behind the message that a client names: what it missed, once', async () => {
    const stage = liveStage()
    const { viewer, client } = await viewing(stage)
    await stage.write(eventOf(1))
    await stage.clock.advance(1_000)
    client.close()
    for (const index of [2, 3]) {
      await stage.write(eventOf(index))
      await stage.clock.advance(1_000)
    }
    void watch(await stage.join({}, { lastEventId: viewer.lastEventId }), viewer)
    await stage.write(eventOf(4))
    await stage.clock.advance(1_000)
    expect(viewer.count('message_sent')).toBe(4)
    expect(viewer.told.map(({ event }) => event)).toEqual(['snapshot', 'delta', 'delta', 'delta'])
    expect(viewer.resyncs).toEqual([])
    expect(stage.queryCount()).toBe(1)
  })

  test.each(['nonsense', '', 'a.b', '3f8a2c1e-5b7d.1', 'resync'])(
    'start over for a client that names %j',
    async (lastEventId) => {
      const stage = liveStage()
      await stage.write(eventOf(1))
      await stage.clock.advance(1_000)
      const { viewer } = await viewing(stage, {}, { lastEventId })
      expect(viewer.told.map(({ event }) => event)).toEqual(['resync', 'snapshot'])
      expect(viewer.resyncs).toEqual(['gone'])
      expect(viewer.count('message_sent')).toBe(1)
    },
  )

  test('start over for a client that was away for too long, and for one that asks something else now', async () => {
    const stage = liveStage()
    const { viewer, client } = await viewing(stage)
    const { lastEventId } = viewer
    for (let index = 1; index <= 121; index++) {
      await stage.write(eventOf(index))
      await stage.clock.advance(300)
    }
    client.close()
    expect((await viewing(stage, {}, { lastEventId })).viewer.resyncs).toEqual(['gone'])
    const other = await viewing(stage, { filters: { channel: 'email' } }, { lastEventId: viewer.lastEventId })
    expect(other.viewer.resyncs).toEqual(['gone'])
  })

  test('start over at midnight, when the range moves', async () => {
    const stage = liveStage()
    await stage.write(eventOf(1), eventOf(2, { occurred_at: NOW - 86_400_000 }))
    await stage.clock.advance(1_000)
    const { viewer } = await viewing(stage)
    expect(viewer.count('message_sent')).toBe(2)
    await stage.clock.advance(TO_MIDNIGHT_MS + 300_000)
    expect(viewer.resyncs).toEqual(['range'])
    expect(viewer.count('message_sent')).toBe(1)
    expect(viewer.told.at(-1)?.data.range?.start).toBe('2026-03-20T00:00:00.000Z')
  })

  test('start over when the store turns out to hold something else', async () => {
    const stage = liveStage()
    const { viewer } = await viewing(stage)
    expect(await stage.hub.verify()).toEqual({ streams: 1, differing: 0 })
    // As another process does it.
    stage.store.inserts.push([eventOf(9).row])
    expect(await stage.hub.verify()).toEqual({ streams: 1, differing: 1 })
    await settled()
    expect(viewer.resyncs).toEqual(['uncertain'])
    expect(viewer.count('message_sent')).toBe(1)
  })

  test('are refused beyond what a tenant may have and what all may have, and before the store is ready', async () => {
    const stage = liveStage({ maxClients: 3, maxClientsPerTenant: 2 })
    const [first] = [await stage.join(), await stage.join()]
    expect(stage.join()).rejects.toMatchObject({ code: 'RATE_LIMITED' })
    await stage.join({ tenantId: 't2' })
    expect(stage.join({ tenantId: 't3' })).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(stage.metrics.liveClients.value()).toBe(3)
    first.close()
    await stage.join()
    stage.hub.close()
    expect(stage.metrics.liveClients.value()).toBe(0)
    expect(stage.join()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  test('leave nothing behind when everybody has gone for a minute', async () => {
    const stage = liveStage()
    for (let index = 0; index < 50; index++) {
      const client = await stage.join({ filters: { campaignId: `c${index}` } })
      client.close()
    }
    expect((await stage.hub.verify()).streams).toBe(8)
    await stage.clock.advance(60_000)
    expect((await stage.hub.verify()).streams).toBe(0)
    expect(stage.clock.timerCount).toBe(0)
  })

  test('never fail ingestion', async () => {
    const stage = liveStage()
    const { ended } = await viewing(stage)
    const broken = eventOf(1)
    Object.defineProperty(broken.row, 'occurred_at', {
      get: () => {
        throw new Error('poison')
      },
    })
    await stage.hub.coordinator.begin([broken])
    stage.hub.coordinator.end([broken])
    await ended
    expect((await viewing(stage)).viewer.counts).toEqual({})
  })

  test('are read even while one full block follows the other: the writer waits a moment', async () => {
    const stage = liveStage({ delayMs: () => 20 })
    const blocks = (async () => {
      for (let index = 1; index <= 60; index++) {
        const block = [eventOf(index)]
        await stage.hub.coordinator.begin(block)
        await stage.store.insertRows(block.map(({ row }) => row))
        await new Promise<void>((resolve) => stage.clock.after(30, resolve))
        stage.hub.coordinator.end(block)
      }
    })()
    const viewer = new LiveViewer()
    const joining = stage.join().then((client) => void watch(client, viewer))
    await stage.clock.advance(2_000)
    await joining
    expect(stage.store.rows.length).toBeGreaterThan(viewer.told.length)
    await stage.clock.advance(5_000)
    await blocks
    expect(viewer.count('message_sent')).toBe(stage.store.rows.length)
  })
})
