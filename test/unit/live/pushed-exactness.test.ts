import { describe, expect, test } from 'bun:test'
import { sleep } from '../../../src/base/clock.ts'
import { NOW } from '../../support/ingest/event-samples.ts'
import { unavailable } from '../../support/ingest/ingest-ports.ts'
import { countsOf, liveFixture, watch } from '../../support/live/live-fixture.ts'
import { LiveViewer } from '../../support/live/live-viewer.ts'
import { chanceOf } from '../../support/base/random.ts'
import { eventOf } from '../../support/ingest/writer-fixture.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]
const DAY_MS = 86_400_000
const ENROLLMENTS = ['replied', 'paused', 'made_up'].map((kind) => `sequence_enrollment_${kind}`)
const TYPES = ['message_sent', 'message_opened', 'sequence_step_executed', ...ENROLLMENTS]
const QUESTIONS = [{}, { channel: 'email' }, { channel: 'sms' }]

interface Run {
  readonly isCareful?: boolean
  readonly seed: number
}

/** Random blocks, failures, duplicates, queries, and clients that connect, disconnect, read slowly and reconnect; then quiet. Returns the differences. */
async function play({ seed, isCareful = true }: Run): Promise<string[]> {
  const chance = chanceOf(seed)
  const { clock, store, hub, write, join } = liveFixture({ delayMs: () => chance.below(60) })
  if (!isCareful)
    hub.coordinator.readSnapshot = async (_, read, use) => {
      use(await read())
      return true
    }
  let isCalm = false
  const trouble = async () => {
    await sleep(clock, chance.below(isCalm ? 10 : 120))
    if (!isCalm && chance.hits(0.1)) throw unavailable()
  }
  store.before = trouble
  store.after = trouble
  store.refuses = ({ entity_id }) => entity_id === 'refused'
  const wrong: string[] = []
  const viewers: { viewer: LiveViewer; tenantId: string; channel: string | undefined; leave: () => void }[] = []

  const enter = async (tenantId: string, filters: { channel?: string }, viewer: LiveViewer) => {
    const reader = { lastEventId: viewer.lastEventId }
    const client = await join({ tenantId, filters }, reader).catch(() => undefined)
    if (!client) return
    viewers.push({ viewer, tenantId, channel: filters.channel, leave: () => client.close() })
    const isSlow = chance.hits(0.2)
    await watch(client, viewer, isSlow ? () => sleep(clock, isCalm ? 10 : chance.below(4_000)) : undefined)
  }
  const compare = async () => {
    const { differing } = await hub.verify()
    if (differing > 0) wrong.push(`${differing} streams differ from the store`)
  }
  const stored = (tenantId: string, channel?: string) =>
    countsOf(
      store.rows.filter(
        (row) =>
          row.tenant_id === tenantId && row.occurred_at >= NOW - DAY_MS && row.channel === (channel ?? row.channel),
      ),
    )
  for (let step = 0, made = 0; step < 150; step++) {
    const events = Array.from({ length: chance.below(8) }, () =>
      // Some rows are duplicates, some too old for the range, and the store rejects some.
      eventOf(chance.hits(0.1) ? chance.below(made + 1) : ++made, {
        tenant_id: `t${chance.below(3)}`,
        event_type: chance.pick(TYPES),
        channel: chance.pick(['email', 'sms', ''] as const),
        occurred_at: NOW - (chance.hits(0.1) ? 3 * DAY_MS : chance.below(3_600_000)),
        ...(chance.hits(0.02) ? { entity_id: 'refused' } : {}),
      }),
    )
    await write(...events)
    if (step % 25 === 0 || chance.hits(0.2)) void enter(`t${chance.below(3)}`, chance.pick(QUESTIONS), new LiveViewer())
    if (chance.hits(0.1) && viewers.length > 0) {
      const [left] = viewers.splice(chance.below(viewers.length), 1)
      left!.leave()
      const { tenantId, channel, viewer } = left!
      if (chance.hits(0.8)) void enter(tenantId, channel === undefined ? {} : { channel }, viewer)
    }
    if (chance.hits(0.1)) void compare()
    await clock.advance(chance.below(300))
    for (const { viewer, tenantId, channel } of viewers) {
      const holds = stored(tenantId, channel)
      for (const [key, count] of Object.entries(viewer.counts ?? {}))
        if (count > (holds[key] ?? 0)) wrong.push(`${tenantId} ${key}: told ${count}, stored ${holds[key]}`)
    }
  }
  isCalm = true
  await clock.advance(30_000)
  if (viewers.length === 0) wrong.push('nobody looked')
  for (const { viewer, tenantId, channel } of viewers) {
    const [told, holds] = [JSON.stringify(viewer.counts), JSON.stringify(stored(tenantId, channel))]
    if (told !== holds) wrong.push(`${tenantId} ${channel}: told ${told}, stored ${holds}`)
  }
  hub.close()
  return wrong
}

describe('a snapshot and the deltas after it', () => {
  test.each(SEEDS)(
    'add up to what is stored, and never run ahead of it, whatever comes across (seed %d)',
    async (seed) => {
      expect(await play({ seed })).toEqual([])
    },
  )

  test('control: with uncoordinated snapshots they do not', async () => {
    const found = await Promise.all(SEEDS.map((seed) => play({ seed, isCareful: false })))
    expect(found.filter((wrong) => wrong.length > 0).length).toBeGreaterThan(SEEDS.length / 2)
  })
})
