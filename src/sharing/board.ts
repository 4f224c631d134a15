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
const ROUTER_SHARE = 0.5

export interface Board {
  /** Whether those are closed off who were here before the board was. Until then nobody writes. */
  readonly isCleared: boolean
  /** How often each member has said that it is there. */
  readonly members: Readonly<Record<string, number>>
  readonly router: string | null
  /** Who has each partition; null = nobody does. */
  readonly partitions: readonly (string | null)[]
}

export const EMPTY_BOARD: Board = {
  isCleared: false,
  members: {},
  router: null,
  partitions: Array.from({ length: PARTITION_COUNT }, () => null),
}

/** The partition of a tenant: FNV-1a over its id, the same in every process for ever. */
export function partitionOf(tenantId: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < tenantId.length; at++) hash = Math.imul(hash ^ tenantId.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % PARTITION_COUNT
}

/** The board with one more sign of life of a member, which joins by its first. */
export function withBeat(board: Board, member: string): Board {
  return { ...board, members: { ...board.members, [member]: (board.members[member] ?? 0) + 1 } }
}

/** The board without a member: what it had is free. */
export function withoutMember(board: Board, member: string): Board {
  const { [member]: _, ...others } = board.members
  return {
    ...board,
    members: others,
    router: board.router === member ? null : board.router,
    partitions: board.partitions.map((owner) => (owner === member ? null : owner)),
  }
}

/** The board without some of a member's duties. */
export function withoutDuties(board: Board, member: string, { partitions, routing }: Duties): Board {
  return {
    ...board,
    router: routing && board.router === member ? null : board.router,
    partitions: board.partitions.map((owner, partition) =>
      owner === member && partitions.has(partition) ? null : owner,
    ),
  }
}

/** What a member does for all. */
export interface Duties {
  readonly partitions: ReadonlySet<number>
  readonly routing: boolean
}

export function dutiesOf({ router, partitions }: Board, member: string): Duties {
  const own = partitions.flatMap((owner, partition) => (owner === member ? [partition] : []))
  return { partitions: new Set(own), routing: router === member }
}

/** The board after a member took of what is free: routing, and partitions up to its share. */
export function withClaims(board: Board, member: string): Board {
  const router = board.router ?? member
  if (!board.isCleared) return { ...board, router }
  let room = shareOf({ ...board, router }, member) - dutiesOf(board, member).partitions.size
  const partitions = board.partitions.map((owner) => (owner === null && room-- > 0 ? member : owner))
  return { ...board, router, partitions }
}

/** The partitions that a member has beyond its share, while others have less than theirs. */
export function surplusOf(board: Board, member: string): number[] {
  const own = [...dutiesOf(board, member).partitions]
  return own.slice(shareOf(board, member))
}

/** How many partitions a member should have: the shares of all come to all partitions. */
function shareOf({ members, router }: Board, member: string): number {
  const others = Object.keys(members)
    .filter((other) => other !== router)
    .toSorted()
  const isRouterThere = router !== null && router in members
  const ofRouter = isRouterThere ? Math.round((PARTITION_COUNT * ROUTER_SHARE) / (others.length + ROUTER_SHARE)) : 0
  if (member === router) return others.length === 0 ? PARTITION_COUNT : ofRouter
  const rest = PARTITION_COUNT - ofRouter
  const [each, left] = [Math.floor(rest / others.length), rest % others.length]
  return each + (others.indexOf(member) < left ? 1 : 0)
}

/** Reads a board as it was written; undefined for anything else. */
export function parseBoard(text: string): Board | undefined {
  try {
    const { isCleared = false, members, router, partitions } = JSON.parse(text) as Partial<Board>
    const isWhole =
      typeof members === 'object' && members !== null && router !== undefined && partitions?.length === PARTITION_COUNT
    return isWhole ? { isCleared, members, router, partitions } : undefined
  } catch {
    return undefined
  }
}
