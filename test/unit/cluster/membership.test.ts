import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import { assignmentsOf } from '../../../src/cluster/cluster-state.ts'
import { LEASE_MS } from '../../../src/cluster/failure-detector.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { chanceOf } from '../../support/base/random.ts'
import { DistantBoard, TestMember, Writers } from '../../support/ingest/shared-cluster-state.ts'

function environment(seed = 1) {
  const clock = new ManualClock(0)
  const board = new DistantBoard(clock, chanceOf(seed))
  const writers = new Writers()
  const members = new Map<string, TestMember>()
  const join = (id: string) => {
    const isGone = (other: string) => members.get(other)?.isConnected !== true
    members.set(id, new TestMember(id, board, writers, clock, isGone))
    return members.get(id)!
  }
  /** A process that dies: it does nothing any more, and its connection is gone. */
  const die = (member: TestMember) => {
    member.sleep()
    member.isConnected = false
  }
  const shares = () =>
    Object.fromEntries(
      Object.keys(board.board.members).map((id) => [id, assignmentsOf(board.board, id).partitions.size] as const),
    )
  const sizes = () => Object.values(shares()).toSorted((a, b) => a - b)
  return { clock, board, writers, join, die, shares, sizes }
}

describe('members of an environment', () => {
  test('share its work as they come, and take over what one leaves', async () => {
    const { clock, board, join, shares, sizes } = environment()
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
    expect(board.board.leader).not.toBe('a')
  })

  test('take over from one that dies before its lease is over', async () => {
    const { clock, join, die, shares } = environment()
    const [, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    die(second)
    await clock.advance(LEASE_MS - 1_500)
    expect(shares()).toEqual({ a: 24 })
  })

  test('wait for one that sleeps until its lease is over; it finds itself removed', async () => {
    const { clock, join, shares, sizes } = environment()
    const [, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    second.sleep()
    await clock.advance(LEASE_MS - 1_500)
    expect(sizes()).toEqual([8, 16])
    await clock.advance(3_000)
    expect(shares()).toEqual({ a: 24 })
    second.wake()
    await clock.advance(1_000)
    expect(await second.ended).toBe('removed')
  })

  test('judge nobody by a board that was away for everybody', async () => {
    const { clock, board, join, sizes } = environment()
    const [first, second] = [join('a'), join('b')]
    await clock.advance(3_000)
    board.isDown = true
    await clock.advance(60_000)
    expect([first, second].map(({ membership }) => membership.isStateFresh)).toEqual([false, false])
    board.isDown = false
    await clock.advance(3_000)
    expect(sizes()).toEqual([8, 16])
  })

  type Step =
    | { readonly what: 'wait'; readonly ms: number }
    | { readonly what: 'join' | 'stop' | 'die' | 'sleep' | 'wake'; readonly at: number }
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.record({ what: fc.constant('wait'), ms: fc.integer({ min: 50, max: 4_000 }) }) },
    {
      weight: 5,
      arbitrary: fc.record({ what: fc.constantFrom('join', 'stop', 'die', 'sleep', 'wake'), at: fc.nat(20) }),
    },
  )

  async function play(steps: readonly Step[], isFencing: boolean, seed = 1) {
    const { clock, writers, join, die } = environment(seed)
    writers.isFencing = isFencing
    const members = [join('m0')]
    for (const one of steps) {
      if (one.what === 'wait') await clock.advance(one.ms)
      else if (one.what === 'join') members.push(join(`m${members.length}`))
      else {
        const member = members[one.at % members.length]!
        if (one.what === 'die') die(member)
        else member[one.what]()
      }
    }
    await clock.advance(20_000)
    return writers.clashes
  }

  test('never write one partition two at a time, whoever comes, goes, dies, sleeps and wakes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.nat(), async (steps, seed) => {
        expect(await play(steps, true, seed)).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test('control: where nobody is closed off, they do', async () => {
    const steps: Step[] = [
      { what: 'join', at: 0 },
      { what: 'wait', ms: 4_000 },
      { what: 'sleep', at: 1 },
      { what: 'wait', ms: 4_000 },
    ]
    expect(await play(steps, false)).not.toEqual([])
  })
})
