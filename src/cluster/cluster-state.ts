/**
 * The state of a cluster, which is the group of processes that share the work of one environment: its members, its leader, and the owner of each partition of tenants. The state is
 * one small document that every member reads and changes. All functions here are pure, so that every member computes the same result.
 *
 * Each tenant belongs to a partition. Only the owner of a partition writes the rows of its tenants. The leader consumes the event stream, stores the events of its own partitions
 * and forwards the others.
 */

/** Enough partitions for an even distribution over a dozen processes, and few enough for one consumer each. */
export const PARTITION_COUNT = 24

/** The leader's part of a full share of partitions, because consuming and forwarding every event is work too. */
const LEADER_SHARE = 0.5

export interface ClusterState {
  /** Whether the writers that existed before this state are fenced. Until then no member writes. */
  readonly areUnknownWritersFenced: boolean
  /** The number of heartbeats of each member. */
  readonly members: Readonly<Record<string, number>>
  readonly leader: string | null
  /** The owner of each partition; null = none. */
  readonly partitions: readonly (string | null)[]
}

export const EMPTY_CLUSTER_STATE: ClusterState = {
  areUnknownWritersFenced: false,
  members: {},
  leader: null,
  partitions: Array.from({ length: PARTITION_COUNT }, () => null),
}

/** The partition of a tenant: the FNV-1a hash of its id. It never changes. */
export function partitionOfTenant(tenantId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < tenantId.length; at++) hash = Math.imul(hash ^ tenantId.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % PARTITION_COUNT
}

/** The state with one more heartbeat of a member. The first one adds the member. */
export function withHeartbeat(state: ClusterState, member: string): ClusterState {
  return { ...state, members: { ...state.members, [member]: (state.members[member] ?? 0) + 1 } }
}

/** The state without a member: its assignments are free. */
export function withoutMember(state: ClusterState, member: string): ClusterState {
  const { [member]: _, ...others } = state.members
  return {
    ...state,
    members: others,
    leader: state.leader === member ? null : state.leader,
    partitions: state.partitions.map((owner) => (owner === member ? null : owner)),
  }
}

/** The state without some of a member's assignments. */
export function withoutAssignments(
  state: ClusterState,
  member: string,
  { partitions, isLeader }: Assignments,
): ClusterState {
  return {
    ...state,
    leader: isLeader && state.leader === member ? null : state.leader,
    partitions: state.partitions.map((owner, partition) =>
      owner === member && partitions.has(partition) ? null : owner,
    ),
  }
}

/** The work of one member. */
export interface Assignments {
  readonly partitions: ReadonlySet<number>
  readonly isLeader: boolean
}

export function assignmentsOf({ leader, partitions }: ClusterState, member: string): Assignments {
  const own = partitions.flatMap((owner, partition) => (owner === member ? [partition] : []))
  return { partitions: new Set(own), isLeader: leader === member }
}

/** The state after a member has claimed free assignments: leadership, and partitions up to its share. */
export function withClaims(state: ClusterState, member: string): ClusterState {
  const leader = state.leader ?? member
  if (!state.areUnknownWritersFenced) return { ...state, leader }
  let claimable = shareOf({ ...state, leader }, member) - assignmentsOf(state, member).partitions.size
  const partitions = state.partitions.map((owner) => (owner === null && claimable-- > 0 ? member : owner))
  return { ...state, leader, partitions }
}

/** The partitions of a member that exceed its share. */
export function surplusOf(state: ClusterState, member: string): number[] {
  const own = [...assignmentsOf(state, member).partitions]
  return own.slice(shareOf(state, member))
}

/** The number of partitions that a member should own. The shares of all members add up to all partitions. */
function shareOf({ members, leader }: ClusterState, member: string): number {
  const others = Object.keys(members)
    .filter((other) => other !== leader)
    .toSorted()
  const hasLeader = leader !== null && leader in members
  const leaderShare = hasLeader ? Math.round((PARTITION_COUNT * LEADER_SHARE) / (others.length + LEADER_SHARE)) : 0
  if (member === leader) return others.length === 0 ? PARTITION_COUNT : leaderShare
  const rest = PARTITION_COUNT - leaderShare
  const [each, remainder] = [Math.floor(rest / others.length), rest % others.length]
  return each + (others.indexOf(member) < remainder ? 1 : 0)
}

/** Parses a stored state; undefined for anything else. */
export function parseClusterState(text: string): ClusterState | undefined {
  try {
    const { areUnknownWritersFenced = false, members, leader, partitions } = JSON.parse(text) as Partial<ClusterState>
    const isComplete =
      typeof members === 'object' && members !== null && leader !== undefined && partitions?.length === PARTITION_COUNT
    return isComplete ? { areUnknownWritersFenced, members, leader, partitions } : undefined
  } catch {
    return undefined
  }
}
