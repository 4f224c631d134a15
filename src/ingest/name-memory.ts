import type { NameObservation } from '../events/row.ts'

/** An entity whose name was written so recently, by the events' own time, is not written again for the same name. */
const REFRESH_MS = 60_000
/** Some 10 MB. When it is full it is emptied: what is not remembered is only written once more. */
const MAX_ENTITIES = 50_000

interface KnownName {
  name: string
  /** The newest instant at which it was seen, and the one that is written. */
  seenAt: number
  writtenAt: number
}

/**
 * Which names have to be written: nearly every event carries some, and nearly all of them say what is known. An older name than the newest that was seen is never
 * written, so the newest wins as if all had been; only what a crash makes it forget, the instants of the last minute, a name that comes late could then win over, until
 * the newest is seen again.
 */
export class NameMemory {
  readonly #known = new Map<string, KnownName>()

  /** Those of the observations that tell something new. */
  unwritten(observations: readonly NameObservation[]): NameObservation[] {
    return observations.filter((seen) => {
      const known = this.#known.get(keyOf(seen))
      if (!known) return true
      const isNewer = seen.occurred_at > known.seenAt || (seen.occurred_at === known.seenAt && seen.name > known.name)
      if (!isNewer) return false
      if (seen.name !== known.name || seen.occurred_at - known.writtenAt >= REFRESH_MS) return true
      known.seenAt = seen.occurred_at
      return false
    })
  }

  /** These are in the store. */
  written(observations: readonly NameObservation[]): void {
    for (const seen of observations) {
      if (this.#known.size >= MAX_ENTITIES) this.#known.clear()
      const { name, occurred_at } = seen
      this.#known.set(keyOf(seen), { name, seenAt: occurred_at, writtenAt: occurred_at })
    }
  }
}

function keyOf({ tenant_id, kind, id }: NameObservation): string {
  return `${tenant_id}/${kind}/${id}`
}
