import { NAMED_ENTITIES, type NamedEntity, type NameObservation } from '../../events/event-row.ts'

/** The same name of an entity is not written again within this time, by the time of the events. */
const REFRESH_MS = 60_000
/** About 10 MB, counted in characters of ids and names. A full cache is emptied: a name that is not cached is only written once more. */
const MAX_WEIGHT = 10_000_000
/** The memory of an entity beside its texts, and of the map per tenant and kind, in characters. */
const ENTITY_WEIGHT = 150
const TENANT_WEIGHT = 600

interface CachedName {
  name: string
  /** The newest instant at which the name was observed; `writtenAt` is the instant that is stored. */
  occurred_at: number
  writtenAt: number
}

/**
 * Selects the names that have to be written: nearly every event carries names, and nearly all of them are known. A name older than the newest observed one is never
 * written, so that the newest one is kept as if all were written. A crash loses the instants of the last minute: a late, older name may then replace the newest one until
 * that is observed again.
 */
export class NameCache {
  #cached = new EntityMap<CachedName>()

  /** The observations with new information: the newest of each entity. */
  selectUnwritten(observations: Iterable<NameObservation>): NameObservation[] {
    const newest = new EntityMap<NameObservation>()
    for (const observation of observations) {
      const cached = this.#cached.get(observation)
      if (cached) {
        if (!isNewer(observation, cached)) continue
        if (observation.name === cached.name && observation.occurred_at - cached.writtenAt < REFRESH_MS) {
          cached.occurred_at = observation.occurred_at
          continue
        }
      }
      const other = newest.get(observation)
      if (!other || isNewer(observation, other)) newest.set(observation, observation)
    }
    // A later observation may have confirmed the cached name after them.
    return newest.values().filter((observation) => {
      const cached = this.#cached.get(observation)
      return !cached || isNewer(observation, cached)
    })
  }

  /** The store has these names. */
  markWritten(observations: readonly NameObservation[]): void {
    for (const observation of observations) {
      if (this.#cached.weight >= MAX_WEIGHT) this.#cached = new EntityMap()
      const { name, occurred_at } = observation
      this.#cached.set(observation, { name, occurred_at, writtenAt: occurred_at })
    }
  }
}

interface ObservedName {
  readonly name: string
  readonly occurred_at: number
}

/** Compares by instant, then by the greater name, as the store does. */
function isNewer(a: ObservedName, b: ObservedName): boolean {
  return a.occurred_at > b.occurred_at || (a.occurred_at === b.occurred_at && a.name > b.name)
}

type Entity = Pick<NameObservation, 'tenant_id' | 'kind' | 'id'>

/** A map by kind, tenant and id in nested levels: building one key from the three would cost more than the lookup. */
class EntityMap<Value extends { readonly name: string }> {
  readonly #byKind: Readonly<Record<NamedEntity, Map<string, Map<string, Value>>>> = {
    campaign: new Map(),
    workflow: new Map(),
    sequence: new Map(),
    template: new Map(),
  }
  #weight = 0

  /** The memory that it uses, in characters. */
  get weight(): number {
    return this.#weight
  }

  get({ tenant_id, kind, id }: Entity): Value | undefined {
    return this.#byKind[kind].get(tenant_id)?.get(id)
  }

  set({ tenant_id, kind, id }: Entity, value: Value): void {
    const byTenant = this.#byKind[kind]
    let ofTenant = byTenant.get(tenant_id)
    if (!ofTenant) {
      byTenant.set(tenant_id, (ofTenant = new Map()))
      this.#weight += TENANT_WEIGHT
    }
    const before = ofTenant.get(id)
    this.#weight += value.name.length + (before ? -before.name.length : id.length + ENTITY_WEIGHT)
    ofTenant.set(id, value)
  }

  values(): Value[] {
    const byTenant = NAMED_ENTITIES.flatMap((kind) => [...this.#byKind[kind].values()])
    return byTenant.flatMap((ofTenant) => [...ofTenant.values()])
  }
}
