import { describe, expect, test } from 'bun:test'
import { fc } from '../../support/base/properties.ts'
import {
  type ClusterState,
  assignmentsOf,
  EMPTY_CLUSTER_STATE,
  parseClusterState,
  PARTITION_COUNT,
  partitionOfTenant,
  surplusOf,
  withHeartbeat,
  withClaims,
  withoutAssignments,
  withoutMember,
} from '../../../src/cluster/cluster-state.ts'

const CLEARED: ClusterState = { ...EMPTY_CLUSTER_STATE, areUnknownWritersFenced: true }

/** Lets every member give up what is too much and take what is free, until nothing changes any more. */
function settle(state: ClusterState): ClusterState {
  for (let round = 0; round < 10; round++) {
    const before = JSON.stringify(state)
    for (const member of Object.keys(state.members)) {
      state = withoutAssignments(state, member, { partitions: new Set(surplusOf(state, member)), isLeader: false })
      state = withClaims(state, member)
    }
    if (JSON.stringify(state) === before) return state
  }
  throw new Error('It never settles.')
}

describe('the cluster state', () => {
  test('distributes tenants evenly over partitions, and never changes the distribution', () => {
    expect(['tenant-1', 'tenant-2', 'a', 'Ünïcode'].map(partitionOfTenant)).toEqual([11, 22, 4, 13])
    const counts = Array.from({ length: PARTITION_COUNT }, () => 0)
    for (let tenant = 0; tenant < 24_000; tenant++) counts[partitionOfTenant(`tenant-${tenant}`)]!++
    expect(Math.min(...counts)).toBeGreaterThan(700)
    expect(Math.max(...counts)).toBeLessThan(1_300)
  })

  test('gives everything to a single member, and half a share to the leader', () => {
    const alone = settle(withHeartbeat(CLEARED, 'a'))
    expect(assignmentsOf(alone, 'a')).toEqual({ partitions: new Set(alone.partitions.keys()), isLeader: true })
    const three = settle(withHeartbeat(withHeartbeat(alone, 'b'), 'c'))
    expect(['a', 'b', 'c'].map((member) => assignmentsOf(three, member).partitions.size)).toEqual([5, 10, 9])
    expect(three.leader).toBe('a')
  })

  test('assigns no partition before unknown writers are fenced', () => {
    const state = withClaims(withHeartbeat(EMPTY_CLUSTER_STATE, 'a'), 'a')
    expect(assignmentsOf(state, 'a')).toEqual({ partitions: new Set(), isLeader: true })
  })

  test('converges to an even distribution when members join and leave', () => {
    const step = fc.record({ member: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), isLeaving: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let state = CLEARED
        for (const { member, isLeaving } of steps) {
          state = settle(isLeaving ? withoutMember(state, member) : withHeartbeat(state, member))
          const members = Object.keys(state.members)
          if (members.length === 0) continue
          expect(state.partitions.every((owner) => owner !== null && members.includes(owner))).toBe(true)
          const others = members.filter((one) => one !== state.leader)
          const shares = others.map((one) => assignmentsOf(state, one).partitions.size)
          expect(members).toContain(state.leader!)
          if (shares.length > 0) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test('is parsed as it was written; other texts are refused', () => {
    const state = settle(withHeartbeat(withHeartbeat(CLEARED, 'a'), 'b'))
    expect(parseClusterState(JSON.stringify(state))).toEqual(state)
    for (const text of ['', '{}', '[]', 'null', '{"members":{},"leader":null,"partitions":[]}'])
      expect(parseClusterState(text)).toBeUndefined()
  })
})
