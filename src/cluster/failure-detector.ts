import type { ClusterState } from './cluster-state.ts'

/** A member without a heartbeat for this time has failed. Longer than any pause of a busy process. */
export const LEASE_MS = 8_000
/** A member without a heartbeat for this time is suspected. If it has lost its connection to the broker, its lease is not waited for. */
const SUSPECT_AFTER_MS = 1_500
/** After a longer time without checks, earlier observations are discarded. */
const MAX_CHECK_GAP_MS = 1_500

export interface SuspectedMember {
  readonly member: string
  /** Whether its lease has expired; otherwise it is late only. */
  readonly isLeaseExpired: boolean
}

/**
 * Finds members without heartbeats. It uses the clock of this process only, so the clocks of the members need not agree. After a pause of this process, or failed reads, it starts
 * counting again.
 */
export class FailureDetector {
  readonly #lastHeartbeats = new Map<string, { readonly heartbeats: number; readonly at: number }>()
  #checkedAt = -Infinity

  /** The members that are late. To be called at short intervals. */
  suspectedMembers({ members }: ClusterState, now: number): SuspectedMember[] {
    if (now - this.#checkedAt > MAX_CHECK_GAP_MS) this.#lastHeartbeats.clear()
    this.#checkedAt = now
    for (const member of this.#lastHeartbeats.keys()) if (!(member in members)) this.#lastHeartbeats.delete(member)
    const suspected: SuspectedMember[] = []
    for (const [member, heartbeats] of Object.entries(members)) {
      const seen = this.#lastHeartbeats.get(member)
      if (seen?.heartbeats !== heartbeats) this.#lastHeartbeats.set(member, { heartbeats, at: now })
      else if (now - seen.at >= SUSPECT_AFTER_MS) suspected.push({ member, isLeaseExpired: now - seen.at >= LEASE_MS })
    }
    return suspected
  }
}
