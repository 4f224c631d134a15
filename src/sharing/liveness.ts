import type { Board } from './board.ts'

/** Without a sign of life for so long, a member is taken for dead. Longer than any pause of a busy process. */
export const LEASE_MS = 8_000
/** After so long it is asked for: whoever has lost its connection to the broker need not be waited for. */
const SUSPECT_MS = 1_500
/** After looking away for longer than this, nobody is judged by what was seen before. */
const MAX_GAP_MS = 1_500

export interface Silence {
  readonly member: string
  /** Its lease is over. Otherwise it is late only. */
  readonly isOver: boolean
}

/**
 * Tells which members have gone silent, by this process's own clock alone: nobody's clock has to agree with anybody's. A process that was stopped itself, or could not
 * read, begins to count anew.
 */
export class Liveness {
  readonly #seen = new Map<string, { readonly beat: number; readonly at: number }>()
  #lookedAt = -Infinity

  /** The members that are late. Call it at short intervals. */
  silentIn({ members }: Board, now: number): Silence[] {
    if (now - this.#lookedAt > MAX_GAP_MS) this.#seen.clear()
    this.#lookedAt = now
    for (const member of this.#seen.keys()) if (!(member in members)) this.#seen.delete(member)
    const silent: Silence[] = []
    for (const [member, beat] of Object.entries(members)) {
      const seen = this.#seen.get(member)
      if (seen?.beat !== beat) this.#seen.set(member, { beat, at: now })
      else if (now - seen.at >= SUSPECT_MS) silent.push({ member, isOver: now - seen.at >= LEASE_MS })
    }
    return silent
  }
}
