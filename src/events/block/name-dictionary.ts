import { NAMED_ENTITIES, type NamedEntity, type NameObservation } from '../event-row.ts'
import { ByteInterner, enlarged } from './byte-interner.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The bits of a tenant's number in the scope of an id; the kind of the entity takes the bits above. */
const TENANT_BITS = 24

/** Stands between an id and a name: no byte of UTF-8. */
const SEPARATOR = 0xff

/** The place of a text in the bytes of a message. */
interface Place {
  readonly from: number
  readonly to: number
}

/**
 * Numbers entities and their names for many blocks: nearly every event repeats names of earlier ones, and a dictionary per block would number them all again for each. A
 * number stays valid, and no name has a string until it is asked for.
 */
export class NameDictionary {
  readonly tenants = new ByteInterner()
  /** Ids by tenant and kind: a number stands for an entity. */
  readonly #ids = new ByteInterner()
  /** Pairs of id and name by tenant and kind: one look-up per name instead of two, as look-ups are cache misses with many tenants. */
  readonly #names = new ByteInterner()
  /** By name: its entity. */
  #entities = new Uint32Array(256)
  /** The pair that is looked up. */
  #pair = new Uint8Array(1_024)

  /** The memory that it uses, in bytes. */
  get byteLength(): number {
    return this.tenants.byteLength + this.#ids.byteLength + this.#names.byteLength + this.#entities.byteLength
  }

  get entityCount(): number {
    return this.#ids.size
  }

  get nameCount(): number {
    return this.#names.size
  }

  /** The number of a name in a message. `tenant` is the number of its tenant here. */
  intern(tenant: number, kind: NamedEntity, source: Uint8Array, id: Place, name: Place): number {
    const separator = id.to - id.from
    const length = separator + 1 + name.to - name.from
    if (length > this.#pair.length) this.#pair = enlarged(this.#pair, length)
    const pair = this.#pair
    for (let from = id.from, to = 0; to < separator;) pair[to++] = source[from++]!
    pair[separator] = SEPARATOR
    for (let from = name.from, to = separator + 1; to < length;) pair[to++] = source[from++]!
    const scope = scopeOf(tenant, kind)
    const { size } = this.#names
    const number = this.#names.intern(pair, 0, length, scope)
    if (number === size) this.#setEntity(number, this.#ids.intern(pair, 0, separator, scope))
    return number
  }

  /** The number of a name that is at hand as strings. */
  internText(tenant: number, { kind, id, name }: Pick<NameObservation, 'kind' | 'id' | 'name'>): number {
    const source = encoder.encode(id + name)
    const end = encoder.encode(id).length
    return this.intern(tenant, kind, source, { from: 0, to: end }, { from: end, to: source.length })
  }

  /** The entity of a name. */
  entityOf(name: number): number {
    return this.#entities[name]!
  }

  /** Whether a name is greater than another one. */
  isGreater(name: number, other: number): boolean {
    return name !== other && this.#text(name) > this.#text(other)
  }

  observation(name: number, occurredAt: number): NameObservation {
    const entity = this.entityOf(name)
    const scope = this.#ids.scope(entity)
    return {
      tenant_id: this.tenants.text(scope & ((1 << TENANT_BITS) - 1)),
      kind: NAMED_ENTITIES[scope >>> TENANT_BITS]!,
      id: this.#ids.decode(entity),
      name: this.#text(name),
      occurred_at: occurredAt,
    }
  }

  #text(name: number): string {
    const pair = this.#names.bytes(name)
    return decoder.decode(pair.subarray(pair.indexOf(SEPARATOR) + 1))
  }

  #setEntity(name: number, entity: number): void {
    if (name >= this.#entities.length) this.#entities = enlarged(this.#entities, name + 1)
    this.#entities[name] = entity
  }
}

function scopeOf(tenant: number, kind: NamedEntity): number {
  return tenant | (NAMED_ENTITIES.indexOf(kind) << TENANT_BITS)
}
