import { describe, expect, test } from 'bun:test'
import { sleep } from '../../../src/base/clock.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { unavailable } from '../../support/ingest/ingest-ports.ts'
import { countsOf, liveFixture, watch } from '../../support/live/live-fixture.ts'
import { LiveViewer } from '../../support/live/live-viewer.ts'
import { chanceOf } from '../../support/base/random.ts'
import { eventOf } from '../../support/ingest/writer-fixture.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const TENANTS = ['t0', 't1', 't2']
const TYPES = ['message_sent', 'message_opened']

interface Run {
  readonly seed: number
  readonly isCareful?: boolean
}

/** Random writes and announcements of another process, slow and failing queries, and clients that connect, disconnect, read slowly and reconnect; then quiet. Returns the differences. */
async function play({ seed, isCareful = true }: Run): Promise<string[]> {
  const chance = chanceOf(seed)
  let isCalm = false
  const { clock, store, hub, join, queries } = liveFixture({
    isLocal: () => false,
    delayMs: () => chance.below(isCalm ? 10 : 200),
    beforeQuery: () => {
      if (!isCalm && chance.hits(0.1)) throw unavailable()
    },
  })
  const wrong: string[] = []
  const viewers: { viewer: LiveViewer; tenantId: string; leave: () => void }[] = []
  const enter = async (tenantId: string, viewer: LiveViewer) => {
    const client = await join({ tenantId }, { lastEventId: viewer.lastEventId }).catch(() => undefined)
    if (!client) return
    viewers.push({ viewer, tenantId, leave: () => client.close() })
    const isSlow = chance.hits(0.2)
    await watch(client, viewer, isSlow ? () => sleep(clock, isCalm ? 10 : chance.below(4_000)) : undefined)
  }
  const stored = (tenantId: string) => countsOf(store.rows.filter((row) => row.tenant_id === tenantId))
  const tell = (tenantIds: readonly string[]) => {
    // The control discards announcements during a read.
    if (isCareful || !queries.some(({ endedAt }) => endedAt === Infinity)) hub.onStoredElsewhere(tenantIds)
  }

  for (let step = 0, made = 0; step < 150; step++) {
    const rows = Array.from(
      { length: chance.below(6) },
      () =>
        eventOf(++made, {
          tenant_id: chance.pick(TENANTS),
          event_type: chance.pick(TYPES),
          occurred_at: NOW - chance.below(3_600_000),
        }).row,
    )
    store.inserts.push(rows)
    tell([...new Set(rows.map(({ tenant_id }) => tenant_id))])
    if (step % 25 === 0 || chance.hits(0.2)) void enter(chance.pick(TENANTS), new LiveViewer())
    if (chance.hits(0.1) && viewers.length > 0) {
      const [left] = viewers.splice(chance.below(viewers.length), 1)
      left!.leave()
      if (chance.hits(0.8)) void enter(left!.tenantId, left!.viewer)
    }
    if (chance.hits(0.05)) void hub.verify()
    await clock.advance(chance.below(300))
    for (const { viewer, tenantId } of viewers) {
      const holds = stored(tenantId)
      for (const [key, count] of Object.entries(viewer.counts ?? {}))
        if (count > (holds[key] ?? 0)) wrong.push(`${tenantId} ${key}: told ${count}, stored ${holds[key]}`)
    }
  }
  isCalm = true
  await clock.advance(30_000)
  if (viewers.length === 0) wrong.push('nobody looked')
  for (const { viewer, tenantId } of viewers) {
    const [told, holds] = [JSON.stringify(viewer.counts), JSON.stringify(stored(tenantId))]
    if (told !== holds) wrong.push(`${tenantId}: told ${told}, stored ${holds}`)
    if (viewer.resyncs.includes('uncertain')) wrong.push(`${tenantId}: started over, though nothing shrank`)
  }
  hub.close()
  return wrong
}

describe('a snapshot and the deltas after it', () => {
  test.each(SEEDS)('add up to what another process has stored, and never exceed it (seed %d)', async (seed) => {
    expect(await play({ seed })).toEqual([])
  })

  test('control: without another read for changes during a read they do not', async () => {
    const found = await Promise.all(SEEDS.map((seed) => play({ seed, isCareful: false })))
    expect(found.filter((wrong) => wrong.length > 0).length).toBeGreaterThan(SEEDS.length / 2)
  })
})
