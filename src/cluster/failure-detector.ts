import type { ClusterState } from './cluster-state.ts'

/** Without a sign of life for so long, a member is taken for dead. Longer than any pause of a busy process. */
export const LEASE_MS = 8_000
/** After so long it is asked for: whoever has lost its connection to the broker need not be waited for. */
const SUSPECT_AFTER_MS = 1_500
/** After looking away for longer than this, nobody is judged by what was seen before. */
const MAX_CHECK_GAP_MS = 1_500

export interface SuspectedMember {
  readonly member: string
  /** Its lease is over. Otherwise it is late only. */
  readonly isLeaseExpired: boolean
}

/**
 * Tells which members have gone silent, by this process's own clock alone: nobody's clock has to agree with anybody's. A process that was stopped itself, or could not
 * read, begins to count anew.
 */
export class FailureDetector {
  readonly #lastHeartbeats = new Map<string, { readonly beat: number; readonly at: number }>()
  #checkedAt = -Infinity

  /** The members that are late. Call it at short intervals. */
  suspectedMembers({ members }: ClusterState, now: number): SuspectedMember[] {
    if (now - this.#checkedAt > MAX_CHECK_GAP_MS) this.#lastHeartbeats.clear()
    this.#checkedAt = now
    for (const member of this.#lastHeartbeats.keys()) if (!(member in members)) this.#lastHeartbeats.delete(member)
    const silent: SuspectedMember[] = []
    for (const [member, beat] of Object.entries(members)) {
      const seen = this.#lastHeartbeats.get(member)
      if (seen?.beat !== beat) this.#lastHeartbeats.set(member, { beat, at: now })
      else if (now - seen.at >= SUSPECT_AFTER_MS) silent.push({ member, isLeaseExpired: now - seen.at >= LEASE_MS })
    }
    return silent
  }
}
