import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { assignmentsOf } from '../../../src/cluster/cluster-state.ts'
import { LEASE_MS } from '../../../src/cluster/failure-detector.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { chanceOf } from '../../support/base/random.ts'
import { SlowStateStore, TestMember, Writers } from '../../support/ingest/shared-cluster-state.ts'

function createCluster(seed = 1) {
  const clock = new ManualClock(0)
  const store = new SlowStateStore(clock, chanceOf(seed))
  const writers = new Writers()
  const members = new Map<string, TestMember>()
  const join = (id: string) => {
    const isDisconnected = (other: string) => members.get(other)?.isConnected !== true
    members.set(id, new TestMember(id, store, writers, clock, isDisconnected))
    return members.get(id)!
  }
  /** A process that fails: it does nothing, and its connection is closed. */
  const fail = (member: TestMember) => {
    member.suspend()
    member.isConnected = false
  }
  const shares = () =>
    Object.fromEntries(
      Object.keys(store.state.members).map((id) => [id, assignmentsOf(store.state, id).partitions.size] as const),
    )
  const sizes = () => Object.values(shares()).toSorted((a, b) => a - b)
  return { clock, store, writers, join, fail, shares, sizes }
}

describe('members of a cluster', () => {
  test('share the work when they join, and take over the work of a member that leaves', async () => {
    const { clock, store, join, shares, sizes } = createCluster()
    const first = join('a')
    await clock.advance(1_000)
    expect(shares()).toEqual({ a: 24 })
    join('b')
    join('c')
    await clock.advance(3_000)
    expect(sizes()).toEqual([5, 9, 10])
    first.stop()
    await clock.advance(3_000)
    expect(await first.ended).toBe('left')
    expect(Object.values(shares()).reduce((sum, share) => sum + share)).toBe(24)
    expect(store.state.leader).not.toBe('a')
  })

  test('take over from a disconnected member before its lease expires', async () => {
    const { clock, join, fail, shares } = createCluster()
    const [, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    fail(second)
    await clock.advance(LEASE_MS - 1_500)
    expect(shares()).toEqual({ a: 24 })
  })

  test('wait until the lease of a suspended member expires; it then finds itself removed', async () => {
    const { clock, join, shares, sizes } = createCluster()
    const [, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    second.suspend()
    await clock.advance(LEASE_MS - 1_500)
    expect(sizes()).toEqual([8, 16])
    await clock.advance(3_000)
    expect(shares()).toEqual({ a: 24 })
    second.resume()
    await clock.advance(1_000)
    expect(await second.ended).toBe('removed')
  })

  test('suspect no member after the cluster state was unavailable to all', async () => {
    const { clock, store, join, sizes } = createCluster()
    const [first, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    store.isDown = true
    await clock.advance(60_000)
    expect([first, second].map(({ membership }) => membership.isStateFresh)).toEqual([false, false])
    store.isDown = false
    await clock.advance(3_000)
    expect(sizes()).toEqual([8, 16])
  })

  type Step =
    | { readonly what: 'wait'; readonly ms: number }
    | { readonly what: 'join' | 'stop' | 'fail' | 'suspend' | 'resume'; readonly at: number }
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ what: fc.constant('wait'), ms: fc.integer({ min: 50, max: 4_000 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({ what: fc.constantFrom('join', 'stop', 'fail', 'suspend', 'resume'), at: fc.nat(20) }),
    },
  )

  async function play(steps: readonly Step[], isFencing: boolean, seed = 1) {
    const { clock, writers, join, fail } = createCluster(seed)
    writers.isFencing = isFencing
    const members = [join('m0')]
    for (const one of steps) {
      if (one.what === 'wait') await clock.advance(one.ms)
      else if (one.what === 'join') members.push(join(`m${members.length}`))
      else {
        const member = members[one.at % members.length]!
        if (one.what === 'fail') fail(member)
        else member[one.what]()
      }
    }
    await clock.advance(20_000)
    return writers.conflicts
  }

  test('never write one partition at the same time, when members join, leave, fail, are suspended and resume', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(), async (steps, seed) => {
        expect(await play(steps, true, seed)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('control: without fencing they do', async () => {
    const steps: Step[] = [
      { what: 'join', at: 0 },
      { what: 'wait', ms: 4_000 },
      { what: 'suspend', at: 1 },
      { what: 'wait', ms: 4_000 },
    ]
    expect(await play(steps, false)).not.toEqual([])
  })
})
