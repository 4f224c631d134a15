import { ByteInterner, enlarged } from '../../events/block/byte-interner.ts'
import { scopeOf, type SelectedNames } from '../../events/block/observed-names.ts'
import type { NameObservation } from '../../events/event-row.ts'

/** The same name of an entity is not written again within this time, by the time of the events. */
const REFRESH_MS = 60_000
/** The memory for names: about 200,000 entities. A full cache is emptied: a name that is not cached is only written once more. */
const MAX_BYTES = 16 * 1_048_576
const NONE = -1

/**
 * Selects the names that have to be written: nearly every event carries names, and nearly all of them are known. A name older than the newest observed one is never
 * written, so that the newest one is kept as if all were written. A crash loses the instants of the last minute: a late, older name may then replace the newest one until
 * that is observed again.
 */
export class NameCache {
  #cached = new NameTable()

  /** The names with new information: the newest of each entity. */
  selectUnwritten(selected: SelectedNames): NameObservation[] {
    const { occurredAt } = selected
    const cached = this.#cached
    const cachedEntities = cached.entitiesOf(selected)
    const newest = new Int32Array(selected.ids.size).fill(NONE)
    const candidates: number[] = []
    for (let name = 0; name < occurredAt.length; name++) {
      const at = occurredAt[name]!
      if (at === -Infinity) continue
      const entity = selected.entityOf(name)
      const known = cachedEntities[entity]!
      if (known !== NONE) {
        if (!cached.isOlder(known, selected, name)) continue
        if (cached.hasName(known, selected, name) && at - cached.writtenAt[known]! < REFRESH_MS) {
          cached.occurredAt[known] = at
          continue
        }
      }
      const other = newest[entity]!
      if (other === NONE) candidates.push(entity)
      if (other === NONE || isNewer(selected, name, other)) newest[entity] = name
    }
    // A later name may have confirmed the cached one after them.
    return candidates
      .filter((entity) => {
        const known = cachedEntities[entity]!
        return known === NONE || cached.isOlder(known, selected, newest[entity]!)
      })
      .map((entity) => selected.observation(newest[entity]!))
  }

  /** The store has these names. */
  markWritten(observations: readonly NameObservation[]): void {
    for (const observation of observations) {
      if (this.#cached.byteLength >= MAX_BYTES) this.#cached = new NameTable()
      this.#cached.set(observation)
    }
  }
}

/** Compares by instant, then by the greater name, as the store does. */
function isNewer({ occurredAt, names }: SelectedNames, name: number, other: number): boolean {
  const [at, otherAt] = [occurredAt[name]!, occurredAt[other]!]
  return at > otherAt || (at === otherAt && names.text(name) > names.text(other))
}

/** Names by entity, as bytes and numbers: an object and its strings per entity would take several times the memory. */
class NameTable {
  readonly #tenants = new ByteInterner()
  readonly #entities = new ByteInterner()
  readonly #names = new ByteInterner()
  /** By entity: the number of its name. */
  #nameOf = new Uint32Array(256)
  /** By entity: the newest instant at which the name was observed, and the one that is stored, in epoch milliseconds. */
  occurredAt = new Float64Array(256)
  writtenAt = new Float64Array(256)

  /** The memory that it uses. */
  get byteLength(): number {
    const interned = this.#tenants.byteLength + this.#entities.byteLength + this.#names.byteLength
    return interned + this.#nameOf.byteLength + this.occurredAt.byteLength + this.writtenAt.byteLength
  }

  /** The number that each entity of a block has here, or -1. */
  entitiesOf(selected: SelectedNames): Int32Array {
    const { tenants, ids } = selected
    const numbers = new Int32Array(ids.size).fill(NONE)
    if (this.#entities.size === 0) return numbers
    const ownTenants = new Int32Array(tenants.size)
    for (let tenant = 0; tenant < ownTenants.length; tenant++)
      ownTenants[tenant] = this.#tenants.findFrom(tenants, tenant)
    for (let entity = 0; entity < numbers.length; entity++) {
      const tenant = ownTenants[selected.tenantOf(entity)]!
      if (tenant === NONE) continue
      numbers[entity] = this.#entities.findFrom(ids, entity, scopeOf(tenant, selected.kindOf(entity)))
    }
    return numbers
  }

  /** Whether the cached name of an entity is older than a name of a block. */
  isOlder(entity: number, { occurredAt, names }: SelectedNames, name: number): boolean {
    const [at, cachedAt] = [occurredAt[name]!, this.occurredAt[entity]!]
    return at > cachedAt || (at === cachedAt && names.text(name) > this.#names.text(this.#nameOf[entity]!))
  }

  hasName(entity: number, { names }: SelectedNames, name: number): boolean {
    return this.#names.isSameText(this.#nameOf[entity]!, names, name)
  }

  set({ tenant_id, kind, id, name, occurred_at }: NameObservation): void {
    const entity = this.#entities.internText(id, scopeOf(this.#tenants.internText(tenant_id), kind))
    if (entity >= this.#nameOf.length) {
      this.#nameOf = enlarged(this.#nameOf, entity + 1)
      this.occurredAt = enlarged(this.occurredAt, entity + 1)
      this.writtenAt = enlarged(this.writtenAt, entity + 1)
    }
    this.#nameOf[entity] = this.#names.internText(name)
    this.occurredAt[entity] = occurred_at
    this.writtenAt[entity] = occurred_at
  }
}
