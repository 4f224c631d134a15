/**
 * How the processes of one environment share its work: who is there, who routes, and who writes the rows of which tenants. All of it is one small document that every
 * process reads and changes; pure functions here, so that every process comes to the same.
 *
 * Tenants are dealt into partitions. Whoever has a partition writes its tenants' rows, and nobody else does. Whoever routes takes the stream's deliveries: those of its
 * own partitions it keeps, the others it passes on.
 */

/** Enough to be spread evenly over up to a dozen processes, and few enough to be read by a consumer each. */
export const PARTITION_COUNT = 24

/** The router's part of a full share: taking and passing on every event is work too. */
const LEADER_SHARE = 0.5

export interface ClusterState {
  /** Whether those are closed off who were here before the board was. Until then nobody writes. */
  readonly areUnknownWritersFenced: boolean
  /** How often each member has said that it is there. */
  readonly members: Readonly<Record<string, number>>
  readonly leader: string | null
  /** Who has each partition; null = nobody does. */
  readonly partitions: readonly (string | null)[]
}

export const EMPTY_CLUSTER_STATE: ClusterState = {
  areUnknownWritersFenced: false,
  members: {},
  leader: null,
  partitions: Array.from({ length: PARTITION_COUNT }, () => null),
}

/** The partition of a tenant: FNV-1a over its id, the same in every process for ever. */
export function partitionOfTenant(tenantId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < tenantId.length; at++) hash = Math.imul(hash ^ tenantId.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % PARTITION_COUNT
}

/** The board with one more sign of life of a member, which joins by its first. */
export function withHeartbeat(state: ClusterState, member: string): ClusterState {
  return { ...state, members: { ...state.members, [member]: (state.members[member] ?? 0) + 1 } }
}

/** The board without a member: what it had is free. */
export function withoutMember(state: ClusterState, member: string): ClusterState {
  const { [member]: _, ...others } = state.members
  return {
    ...state,
    members: others,
    leader: state.leader === member ? null : state.leader,
    partitions: state.partitions.map((owner) => (owner === member ? null : owner)),
  }
}

/** The board without some of a member's duties. */
export function withoutAssignments(
  state: ClusterState,
  member: string,
  { partitions, isLeader: routing }: Assignments,
): ClusterState {
  return {
    ...state,
    leader: routing && state.leader === member ? null : state.leader,
    partitions: state.partitions.map((owner, partition) =>
      owner === member && partitions.has(partition) ? null : owner,
    ),
  }
}

/** What a member does for all. */
export interface Assignments {
  readonly partitions: ReadonlySet<number>
  readonly isLeader: boolean
}

export function assignmentsOf({ leader: router, partitions }: ClusterState, member: string): Assignments {
  const own = partitions.flatMap((owner, partition) => (owner === member ? [partition] : []))
  return { partitions: new Set(own), isLeader: router === member }
}

/** The board after a member took of what is free: routing, and partitions up to its share. */
export function withClaims(state: ClusterState, member: string): ClusterState {
  const leader = state.leader ?? member
  if (!state.areUnknownWritersFenced) return { ...state, leader }
  let room = shareOf({ ...state, leader }, member) - assignmentsOf(state, member).partitions.size
  const partitions = state.partitions.map((owner) => (owner === null && room-- > 0 ? member : owner))
  return { ...state, leader, partitions }
}

/** The partitions that a member has beyond its share, while others have less than theirs. */
export function surplusOf(state: ClusterState, member: string): number[] {
  const own = [...assignmentsOf(state, member).partitions]
  return own.slice(shareOf(state, member))
}

/** How many partitions a member should have: the shares of all come to all partitions. */
function shareOf({ members, leader: router }: ClusterState, member: string): number {
  const others = Object.keys(members)
    .filter((other) => other !== router)
    .toSorted()
  const isRouterThere = router !== null && router in members
  const ofRouter = isRouterThere ? Math.round((PARTITION_COUNT * LEADER_SHARE) / (others.length + LEADER_SHARE)) : 0
  if (member === router) return others.length === 0 ? PARTITION_COUNT : ofRouter
  const rest = PARTITION_COUNT - ofRouter
  const [each, left] = [Math.floor(rest / others.length), rest % others.length]
  return each + (others.indexOf(member) < left ? 1 : 0)
}

/** Reads a board as it was written; undefined for anything else. */
export function parseClusterState(text: string): ClusterState | undefined {
  try {
    const {
      areUnknownWritersFenced: isCleared = false,
      members,
      leader: router,
      partitions,
    } = JSON.parse(text) as Partial<ClusterState>
    const isWhole =
      typeof members === 'object' && members !== null && router !== undefined && partitions?.length === PARTITION_COUNT
    return isWhole ? { areUnknownWritersFenced: isCleared, members, leader: router, partitions } : undefined
  } catch {
    return undefined
  }
}
