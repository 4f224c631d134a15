import { NAMED_ENTITIES, type NamedEntity, type NameObservation } from '../../events/event-row.ts'

/** An entity whose name was written so recently, by the events' own time, is not written again for the same name. */
const REFRESH_MS = 60_000
/** Some 10 MB: of so many characters of ids and names, or the like. When it is full it is emptied: what is not remembered is only written once more. */
const MAX_WEIGHT = 10_000_000
/** What an entity weighs beside its texts, and a tenant's map of one kind, in characters. */
const ENTITY_WEIGHT = 150
const TENANT_WEIGHT = 600

interface CachedName {
  name: string
  /** The newest instant at which it was seen, and the one that is written. */
  occurred_at: number
  writtenAt: number
}

/**
 * Which names have to be written: nearly every event carries some, and nearly all of them say what is known. An older name than the newest that was seen is never
 * written, so the newest wins as if all had been; only what a crash makes it forget, the instants of the last minute, a name that comes late could then win over, until
 * the newest is seen again.
 */
export class NameCache {
  #cached = new EntityMap<CachedName>()

  /** Those of the observations that tell something new: the newest of each entity. */
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
    // What is known may have been seen again after them.
    return newest.values().filter((observation) => {
      const cached = this.#cached.get(observation)
      return !cached || isNewer(observation, cached)
    })
  }

  /** These are in the store. */
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

/** By instant, ties by the greater name, as the store decides it too. */
function isNewer(a: ObservedName, b: ObservedName): boolean {
  return a.occurred_at > b.occurred_at || (a.occurred_at === b.occurred_at && a.name > b.name)
}

type Entity = Pick<NameObservation, 'tenant_id' | 'kind' | 'id'>

/** A map by kind, tenant and id, in levels: one key put together of the three would cost more than the look-up. */
class EntityMap<Value extends { readonly name: string }> {
  readonly #byKind: Readonly<Record<NamedEntity, Map<string, Map<string, Value>>>> = {
    campaign: new Map(),
    workflow: new Map(),
    sequence: new Map(),
    template: new Map(),
  }
  #weight = 0

  /** How many characters it holds, with what else it weighs. */
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
