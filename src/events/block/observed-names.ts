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

  /** The names of these rows, each pair of entity and name once with the latest instant of its rows. */
  select(rows: Uint32Array, occurredAt: Float64Array, tenantOf: (tenant: number) => string): NameObservation[] {
    const latest = new Float64Array(this.#names.size).fill(-Infinity)
    for (const row of rows) {
      const at = occurredAt[row]!
      for (let index = this.#start(row); index < this.#ends[row]!; index++) {
        const number = this.#numbers[index]!
        if (at > latest[number]!) latest[number] = at
      }
    }
    const observations: NameObservation[] = []
    for (const [number, occurred_at] of latest.entries()) {
      if (occurred_at === -Infinity) continue
      const entity = this.#names.scope(number)
      const scope = this.#ids.scope(entity)
      observations.push({
        tenant_id: tenantOf(scope & ((1 << TENANT_BITS) - 1)),
        kind: NAMED_ENTITIES[scope >>> TENANT_BITS]!,
        id: this.#ids.text(entity),
        name: this.#names.text(number),
        occurred_at,
      })
    }
    return observations
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

function scopeOf(tenant: number, kind: NamedEntity): number {
  return tenant | (NAMED_ENTITIES.indexOf(kind) << TENANT_BITS)
}
