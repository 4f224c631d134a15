/** A process's copy of the current definitions. It does not know the broker. */
import type { Definition, DefinitionKind } from '../../definitions/ports.ts'
import type { BucketEntry } from './definition-bucket.ts'
import { decodeDefinition, kindOfKey } from './definition-value.ts'

/** The last message of a key; the mark of a removal has no definition. */
interface Known {
  readonly key: string
  readonly kind: DefinitionKind
  readonly revision: number
  readonly definition: Definition<unknown> | undefined
}

export class DefinitionCopy {
  /** By key. A removal is kept until the ordered messages have reached it. */
  readonly #known = new Map<string, Known>()
  /** By kind and tenant, then by id. */
  readonly #definitions = new Map<string, Map<string, Definition<unknown>>>()
  #seen = 0

  /** The revision that the ordered messages have reached. */
  get seen(): number {
    return this.#seen
  }

  /** All definitions of a tenant, the oldest first. */
  list(kind: DefinitionKind, tenantId: string): Definition<unknown>[] {
    const found = [...(this.#definitions.get(placeOf(kind, tenantId))?.values() ?? [])]
    return found.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
  }

  get(kind: DefinitionKind, tenantId: string, id: string): Definition<unknown> | undefined {
    return this.#definitions.get(placeOf(kind, tenantId))?.get(id)
  }

  /** How many definitions a tenant has. */
  count(kind: DefinitionKind, tenantId: string): number {
    return this.#definitions.get(placeOf(kind, tenantId))?.size ?? 0
  }

  /** The same without those that were created behind a revision. One that was changed behind it counts. */
  countUpTo(kind: DefinitionKind, tenantId: string, revision: number): number {
    return this.list(kind, tenantId).filter((each) => each.revision <= revision || each.version > 1).length
  }

  /** All definitions of a kind. */
  all(kind: DefinitionKind): Definition<unknown>[] {
    return [...this.#known.values()].flatMap((each) => (each.kind === kind ? (each.definition ?? []) : []))
  }

  /** Applies the next of all messages, in their order. Returns false when it is no definition. */
  apply(entry: BucketEntry): boolean {
    this.#seen = Math.max(this.#seen, entry.revision)
    const read = readEntry(entry)
    if (!read) return false
    if (read.revision >= this.#revisionOf(read.key)) this.#put(read, { isLast: true })
    return true
  }

  /** Applies a message that was written or read beside the order, unless the ordered messages have reached it: then the copy is no older than the message. */
  applyAhead(entry: BucketEntry): void {
    const read = readEntry(entry)
    if (read) this.#putAhead(read)
  }

  /** Takes over what another copy has beyond this one. */
  takeOver(other: DefinitionCopy): void {
    for (const known of other.#known.values()) this.#putAhead(known)
  }

  #putAhead(known: Known): void {
    if (known.revision > this.#seen && known.revision > this.#revisionOf(known.key)) this.#put(known, { isLast: false })
  }

  #revisionOf(key: string): number {
    return this.#known.get(key)?.revision ?? 0
  }

  #put(known: Known, { isLast }: { readonly isLast: boolean }): void {
    const { key, kind, definition } = known
    const before = this.#known.get(key)?.definition
    if (before) this.#definitions.get(placeOf(kind, before.tenantId))?.delete(before.id)
    if (definition === undefined && isLast) this.#known.delete(key)
    else this.#known.set(key, known)
    if (!definition) return
    const place = placeOf(kind, definition.tenantId)
    const definitions = this.#definitions.get(place) ?? new Map<string, Definition<unknown>>()
    this.#definitions.set(place, definitions.set(definition.id, definition))
  }
}

function placeOf(kind: DefinitionKind, tenantId: string): string {
  return `${kind} ${tenantId}`
}

/** Undefined when others have written the message. */
function readEntry({ key, revision, value }: BucketEntry): Known | undefined {
  const kind = kindOfKey(key)
  if (kind === undefined) return undefined
  if (value === undefined) return { key, kind, revision, definition: undefined }
  const stored = decodeDefinition(key, value)
  return stored && { key, kind, revision, definition: { ...stored, revision } }
}
