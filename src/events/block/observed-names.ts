import type { NamedEntity, NameObservation } from '../event-row.ts'
import { type ByteInterner, enlarged } from './byte-interner.ts'
import { NameDictionary } from './name-dictionary.ts'

type Bytes = Parameters<NameDictionary['intern']>

/** The names that the rows of a block contain, as numbers of a dictionary that other blocks may share. */
export class ObservedNames {
  #dictionary = new NameDictionary()
  /** The tenants of the block. */
  readonly #tenants: ByteInterner
  /** By the tenant's number in the block: its number in the dictionary plus 1, or 0. */
  #dictionaryTenants = new Uint32Array(64)
  /** The numbers of the names of all rows, one row after the other; those of `row` end at `#ends[row]`. */
  #numbers = new Uint32Array(512)
  #ends = new Uint32Array(256)

  constructor(tenants: ByteInterner) {
    this.#tenants = tenants
  }

  /** The memory that it uses beside the dictionary, in bytes. */
  get byteLength(): number {
    return this.#dictionaryTenants.byteLength + this.#numbers.byteLength + this.#ends.byteLength
  }

  /** Forgets all names and keeps the memory. The next rows use `dictionary`. */
  clear(dictionary: NameDictionary = new NameDictionary()): void {
    this.#dictionary = dictionary
    this.#dictionaryTenants.fill(0)
  }

  /** Begins `row`, which has no names yet. */
  open(row: number): void {
    if (row >= this.#ends.length) this.#ends = enlarged(this.#ends, row + 1)
    this.#ends[row] = this.#start(row)
  }

  /** Adds a name to the row that was opened last. `tenant` is the number of the tenant in the block. */
  addBytes(row: number, tenant: number, kind: NamedEntity, source: Bytes[2], id: Bytes[3], name: Bytes[4]): void {
    this.#add(row, this.#dictionary.intern(this.#tenantOf(tenant), kind, source, id, name))
  }

  /** Adds a name that is at hand as strings. */
  add(row: number, tenant: number, name: Pick<NameObservation, 'kind' | 'id' | 'name'>): void {
    this.#add(row, this.#dictionary.internText(this.#tenantOf(tenant), name))
  }

  /** The names of these rows, each pair of entity and name once with the latest instant of its rows. */
  select(rows: Uint32Array, occurredAt: Float64Array): SelectedNames {
    const latest = new Float64Array(this.#dictionary.nameCount).fill(-Infinity)
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index]!
      const at = occurredAt[row]!
      for (let place = this.#start(row); place < this.#ends[row]!; place++) {
        const number = this.#numbers[place]!
        if (at > latest[number]!) latest[number] = at
      }
    }
    return new SelectedNames(this.#dictionary, latest)
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

  /** The number of a tenant of the block in the dictionary. */
  #tenantOf(tenant: number): number {
    if (tenant >= this.#dictionaryTenants.length)
      this.#dictionaryTenants = enlarged(this.#dictionaryTenants, tenant + 1)
    const known = this.#dictionaryTenants[tenant]!
    if (known > 0) return known - 1
    const bytes = this.#tenants.bytes(tenant)
    const added = this.#dictionary.tenants.intern(bytes, 0, bytes.length)
    this.#dictionaryTenants[tenant] = added + 1
    return added
  }
}

/** Distinct names of a dictionary. */
export class SelectedNames {
  readonly dictionary: NameDictionary
  /** By the name's number: the latest instant in epoch milliseconds, or -Infinity where the name was not selected. */
  readonly occurredAt: Float64Array

  constructor(dictionary: NameDictionary, occurredAt: Float64Array) {
    this.dictionary = dictionary
    this.occurredAt = occurredAt
  }

  /** The selected names as objects. */
  observations(): NameObservation[] {
    return [...this.occurredAt.keys()]
      .filter((name) => this.occurredAt[name] !== -Infinity)
      .map((name) => this.observation(name))
  }

  observation(name: number): NameObservation {
    return this.dictionary.observation(name, this.occurredAt[name]!)
  }
}
