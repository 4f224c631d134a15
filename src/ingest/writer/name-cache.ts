import { enlarged } from '../../events/block/byte-interner.ts'
import type { NameDictionary } from '../../events/block/name-dictionary.ts'
import type { SelectedNames } from '../../events/block/observed-names.ts'

/** The same name of an entity is not written again within this time, by the time of the events. */
const REFRESH_MS = 60_000

/**
 * Selects the names that have to be written: nearly every event carries names, and nearly all of them are known. A name older than the newest observed one is never
 * written, so that the newest one is kept as if all were written. A crash loses the instants of the last minute: a late, older name may then replace the newest one until
 * that is observed again. A block with another dictionary empties the cache, with the same effect; a name that is not cached is written once more.
 */
export class NameCache {
  #dictionary: NameDictionary | undefined
  /** By entity of the dictionary: the number of its newest name plus 1, or 0. */
  #names = new Uint32Array(256)
  /** By entity: the newest instant at which the name was observed, and the one that is stored, in epoch milliseconds. */
  #occurredAt = new Float64Array(256)
  #writtenAt = new Float64Array(256)

  /** The names with new information, by their numbers: the newest of each entity. */
  selectUnwritten(selected: SelectedNames): number[] {
    const { dictionary, occurredAt } = selected
    this.#open(dictionary)
    /** By entity: its newest name that may have to be written. */
    const newest = new Map<number, number>()
    for (let name = 0; name < occurredAt.length; name++) {
      const at = occurredAt[name]!
      if (at === -Infinity) continue
      const entity = dictionary.entityOf(name)
      if (this.#names[entity] === 0 || this.#isCachedOlder(entity, selected, name)) {
        if (this.#names[entity] === name + 1 && at - this.#writtenAt[entity]! < REFRESH_MS) {
          this.#occurredAt[entity] = at
          continue
        }
        const other = newest.get(entity)
        if (other === undefined || isNewer(selected, name, other)) newest.set(entity, name)
      }
    }
    // A later name may have confirmed the cached one after them.
    return [...newest]
      .filter(([entity, name]) => this.#names[entity] === 0 || this.#isCachedOlder(entity, selected, name))
      .map(([, name]) => name)
  }

  /** The store has these of the selected names. */
  markWritten({ dictionary, occurredAt }: SelectedNames, names: readonly number[]): void {
    this.#open(dictionary)
    for (const name of names) {
      const entity = dictionary.entityOf(name)
      this.#names[entity] = name + 1
      this.#occurredAt[entity] = occurredAt[name]!
      this.#writtenAt[entity] = occurredAt[name]!
    }
  }

  /** Makes room for all entities of a dictionary. */
  #open(dictionary: NameDictionary): void {
    if (dictionary !== this.#dictionary) {
      this.#dictionary = dictionary
      this.#names.fill(0)
    }
    const { entityCount } = dictionary
    if (entityCount <= this.#names.length) return
    this.#names = enlarged(this.#names, entityCount)
    this.#occurredAt = enlarged(this.#occurredAt, entityCount)
    this.#writtenAt = enlarged(this.#writtenAt, entityCount)
  }

  #isCachedOlder(entity: number, { dictionary, occurredAt }: SelectedNames, name: number): boolean {
    const [at, cachedAt] = [occurredAt[name]!, this.#occurredAt[entity]!]
    return at > cachedAt || (at === cachedAt && dictionary.isGreater(name, this.#names[entity]! - 1))
  }
}

/** Compares by instant, then by the greater name, as the store does. */
function isNewer({ dictionary, occurredAt }: SelectedNames, name: number, other: number): boolean {
  const [at, otherAt] = [occurredAt[name]!, occurredAt[other]!]
  return at > otherAt || (at === otherAt && dictionary.isGreater(name, other))
}
