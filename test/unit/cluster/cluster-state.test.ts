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
function settle(board: ClusterState): ClusterState {
  for (let round = 0; round < 10; round++) {
    const before = JSON.stringify(board)
    for (const member of Object.keys(board.members)) {
      board = withoutAssignments(board, member, { partitions: new Set(surplusOf(board, member)), isLeader: false })
      board = withClaims(board, member)
    }
    if (JSON.stringify(board) === before) return board
  }
  throw new Error('It never settles.')
}

describe('the board', () => {
  test('deals tenants into partitions evenly, and the same for ever', () => {
    expect(['tenant-1', 'tenant-2', 'a', 'Ünïcode'].map(partitionOfTenant)).toEqual([11, 22, 4, 13])
    const counts = Array.from({ length: PARTITION_COUNT }, () => 0)
    for (let tenant = 0; tenant < 24_000; tenant++) counts[partitionOfTenant(`tenant-${tenant}`)]!++
    expect(Math.min(...counts)).toBeGreaterThan(700)
    expect(Math.max(...counts)).toBeLessThan(1_300)
  })

  test('gives everything to the only member, and half a share to the one who routes', () => {
    const alone = settle(withHeartbeat(CLEARED, 'a'))
    expect(assignmentsOf(alone, 'a')).toEqual({ partitions: new Set(alone.partitions.keys()), isLeader: true })
    const three = settle(withHeartbeat(withHeartbeat(alone, 'b'), 'c'))
    expect(['a', 'b', 'c'].map((member) => assignmentsOf(three, member).partitions.size)).toEqual([5, 10, 9])
    expect(three.leader).toBe('a')
  })

  test('lets nobody have anything before the place is cleared', () => {
    const board = withClaims(withHeartbeat(EMPTY_CLUSTER_STATE, 'a'), 'a')
    expect(assignmentsOf(board, 'a')).toEqual({ partitions: new Set(), isLeader: true })
  })

  test('comes to rest with every partition dealt out evenly, whoever comes and goes', () => {
    const step = fc.record({ member: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), isLeaving: fc.boolean() })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let board = CLEARED
        for (const { member, isLeaving } of steps) {
          board = settle(isLeaving ? withoutMember(board, member) : withHeartbeat(board, member))
          const members = Object.keys(board.members)
          if (members.length === 0) continue
          expect(board.partitions.every((owner) => owner !== null && members.includes(owner))).toBe(true)
          const others = members.filter((one) => one !== board.leader)
          const shares = others.map((one) => assignmentsOf(board, one).partitions.size)
          expect(members).toContain(board.leader!)
          if (shares.length > 0) expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test('is read as it was written, and nothing else is', () => {
    const board = settle(withHeartbeat(withHeartbeat(CLEARED, 'a'), 'b'))
    expect(parseClusterState(JSON.stringify(board))).toEqual(board)
    for (const text of ['', '{}', '[]', 'null', '{"members":{},"router":null,"partitions":[]}'])
      expect(parseClusterState(text)).toBeUndefined()
  })
})
