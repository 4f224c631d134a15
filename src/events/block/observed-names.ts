import { NAMED_ENTITIES, type NamedEntity, type NameObservation } from '../event-row.ts'
import { ByteInterner, enlarged } from './byte-interner.ts'

/** The bits of a tenant's number in the scope of an id; the kind of the entity takes the bits above. */
const TENANT_BITS = 24

/** The names that the rows of a block contain: each distinct pair of entity and name once, and per row the numbers of its pairs. */
export class ObservedNames {
  /** Ids by tenant and kind, and names by the number of their entity: a number of `#names` stands for tenant, kind, id and name. */
  readonly #ids = new ByteInterner()
  readonly #names = new ByteInterner()
  /** The numbers of the names of all rows, one row after the other; those of `row` end at `#ends[row]`. */
  #numbers = new Uint32Array(512)
  #ends = new Uint32Array(256)

  /** The memory that it uses, in bytes. */
  get byteLength(): number {
    return this.#ids.byteLength + this.#names.byteLength + this.#numbers.byteLength + this.#ends.byteLength
  }

  /** Forgets all names and keeps the memory. */
  clear(): void {
    this.#ids.clear()
    this.#names.clear()
  }

  /** Begins `row`, which has no names yet. */
  open(row: number): void {
    if (row >= this.#ends.length) this.#ends = enlarged(this.#ends, row + 1)
    this.#ends[row] = this.#start(row)
  }

  /** Adds a name to the row that was opened last. `tenant` is the number of the tenant in the block. */
  addBytes(
    row: number,
    tenant: number,
    kind: NamedEntity,
    source: Uint8Array,
    id: { readonly from: number; readonly to: number },
    name: { readonly from: number; readonly to: number },
  ): void {
    const entity = this.#ids.intern(source, id.from, id.to, scopeOf(tenant, kind))
    this.#add(row, this.#names.intern(source, name.from, name.to, entity))
  }

  /** Adds a name that is at hand as strings. */
  add(row: number, tenant: number, { kind, id, name }: Pick<NameObservation, 'kind' | 'id' | 'name'>): void {
    const entity = this.#ids.internText(id, scopeOf(tenant, kind))
    this.#add(row, this.#names.internText(name, entity))
  }

  /** The names of these rows, each pair of entity and name once with the latest instant of its rows. `tenants` has the tenants of the block. */
  select(rows: Uint32Array, occurredAt: Float64Array, tenants: ByteInterner): SelectedNames {
    const latest = new Float64Array(this.#names.size).fill(-Infinity)
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!
      const at = occurredAt[row]!
      for (let place = this.#start(row); place < this.#ends[row]!; place++) {
        const number = this.#numbers[place]!
        if (at > latest[number]!) latest[number] = at
      }
    }
    return new SelectedNames(tenants, this.#ids, this.#names, latest)
  }

  #add(row: number, number: number): void {
    const end = this.#ends[row]!
    if (end >= this.#numbers.length) this.#numbers = enlarged(this.#numbers, end + 1)
    this.#numbers[end] = number
    this.#ends[row] = end + 1
  }

  #start(row: number): number {
    return row === 0 ? 0 : this.#ends[row - 1]!
  }
}

/** The scope of the ids of a tenant's entities of one kind. `tenant` is a number of at most 24 bits. */
export function scopeOf(tenant: number, kind: NamedEntity): number {
  return tenant | (NAMED_ENTITIES.indexOf(kind) << TENANT_BITS)
}

/** Distinct names, as numbers of the block that contains them. No name has a string until it is asked for. */
export class SelectedNames {
  /** The ids of the tenants, by the tenant's number. */
  readonly tenants: ByteInterner
  /** The ids of the entities, by the entity's number. */
  readonly ids: ByteInterner
  /** The names, by the name's number. */
  readonly names: ByteInterner
  /** By the name's number: the latest instant in epoch milliseconds, or -Infinity where the name was not selected. */
  readonly occurredAt: Float64Array

  constructor(tenants: ByteInterner, ids: ByteInterner, names: ByteInterner, occurredAt: Float64Array) {
    this.tenants = tenants
    this.ids = ids
    this.names = names
    this.occurredAt = occurredAt
  }

  /** The entity of a name. */
  entityOf(name: number): number {
    return this.names.scope(name)
  }

  tenantOf(entity: number): number {
    return this.ids.scope(entity) & ((1 << TENANT_BITS) - 1)
  }

  kindOf(entity: number): NamedEntity {
    return NAMED_ENTITIES[this.ids.scope(entity) >>> TENANT_BITS]!
  }

  /** The selected names as objects. */
  observations(): NameObservation[] {
    return [...this.occurredAt.keys()]
      .filter((name) => this.occurredAt[name] !== -Infinity)
      .map((name) => this.observation(name))
  }

  observation(name: number): NameObservation {
    const entity = this.entityOf(name)
    return {
      tenant_id: this.tenants.text(this.tenantOf(entity)),
      kind: this.kindOf(entity),
      id: this.ids.text(entity),
      name: this.names.text(name),
      occurred_at: this.occurredAt[name]!,
    }
  }
}
