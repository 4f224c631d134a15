import { describe, expect, test } from 'bun:test'
import { HEARTBEAT_MS, LiveClient, type LiveClientOptions } from '../../../src/live/live-client.ts'
import { deltaMessage, type LiveMessage } from '../../../src/live/live-message.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { SILENCE_TIMEOUT_MS } from '../../../src/web/api/live-updates.ts'
import { ManualClock, settled } from '../../support/base/manual-clock.ts'

const SNAPSHOT: LiveMessage = { id: 's', event: 'snapshot', data: '{}' }
const delta = (index: number) => deltaMessage(`d${index}`, NOW, [])

function client(options: Partial<LiveClientOptions> = {}) {
  const clock = new ManualClock(NOW)
  const metrics = createServiceMetrics()
  let closedCount = 0
  const made = new LiveClient({
    clock,
    metrics,
    expiresAt: Infinity,
    isStillAuthorized: () => Promise.resolve(true),
    snapshot: () => SNAPSHOT,
    onClosed: () => closedCount++,
    ...options,
  })
  return { clock, metrics, client: made, closedCount: () => closedCount }
}

const idOf = (next: LiveMessage | 'heartbeat' | undefined) => (typeof next === 'object' ? next.id : next)

describe('a client of a live stream', () => {
  test('receives pushed messages in order, whether it waits or not', async () => {
    const { client: reader } = client()
    const first = reader.next()
    reader.push(delta(1))
    reader.push(delta(2))
    expect([idOf(await first), idOf(await reader.next())]).toEqual(['d1', 'd2'])
  })

  test('that reads too slowly receives a resync and one snapshot, created when it is taken', async () => {
    let snapshots = 0
    const { client: reader, metrics } = client({ snapshot: () => ({ ...SNAPSHOT, id: `s${++snapshots}` }) })
    for (let index = 0; index < 10_000; index++) reader.push(delta(index))
    expect(snapshots).toBe(0)
    const resync = await reader.next()
    expect(resync).toMatchObject({ event: 'resync', data: '{"reason":"slow"}' })
    reader.push(delta(10_001))
    expect([idOf(await reader.next()), idOf(await reader.next())]).toEqual(['s1', 'd10001'])
    expect(metrics.liveResyncs.value({ reason: 'slow' })).toBe(1)
  })

  test('receives heartbeats between messages, often enough that the page tolerates a late one', async () => {
    const { client: reader, clock } = client()
    for (let beat = 0; beat < 4; beat++) {
      const next = reader.next()
      await clock.advance(HEARTBEAT_MS)
      expect(await next).toBe('heartbeat')
    }
    expect(2 * HEARTBEAT_MS).toBeLessThan(SILENCE_TIMEOUT_MS)
    expect(SILENCE_TIMEOUT_MS).toBeLessThan(10_000)
  })

  test('is closed when its token expires, to the millisecond, and not before', async () => {
    const { client: reader, clock, closedCount } = client({ expiresAt: NOW + 10_000 })
    const seen: unknown[] = []
    const reading = (async () => {
      for (let next = await reader.next(); next !== undefined; next = await reader.next()) seen.push(next)
    })()
    await clock.advance(9_999)
    expect(closedCount()).toBe(0)
    await clock.advance(1)
    await reading
    expect(seen).toEqual(['heartbeat', 'heartbeat'])
    expect(closedCount()).toBe(1)
    expect(clock.timerCount).toBe(0)
  })

  test('is closed when its authorization ends', async () => {
    let isAllowed = true
    let looks = 0
    const { client: reader, clock } = client({ isStillAuthorized: () => Promise.resolve(++looks > 0 && isAllowed) })
    for (let beat = 0; beat < 5; beat++) {
      void reader.next()
      await clock.advance(HEARTBEAT_MS)
    }
    isAllowed = false
    expect([reader.isClosed, looks]).toEqual([false, 1])
    await clock.advance(HEARTBEAT_MS)
    expect([reader.isClosed, looks]).toEqual([true, 2])
  })

  test('that reads no message for a minute is closed', async () => {
    const { client: reader, clock } = client()
    reader.push(delta(1))
    await clock.advance(59_000)
    expect(reader.isClosed).toBe(false)
    await clock.advance(15_000)
    expect(reader.isClosed).toBe(true)
    expect(await reader.next()).toBeUndefined()
  })

  test('that is closed has no timer and accepts no message', async () => {
    const { client: reader, clock, closedCount } = client()
    const waiting = reader.next()
    reader.close()
    reader.close()
    reader.push(delta(1))
    reader.resync('gone')
    await settled()
    expect(await waiting).toBeUndefined()
    expect(await reader.next()).toBeUndefined()
    expect([closedCount(), clock.timerCount]).toEqual([1, 0])
  })
})
