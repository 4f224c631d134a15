import type { UuidColumn } from '../block/block-columns.ts'
import { PRODUCER_KEY_NAMESPACE } from '../identity.ts'
import { MAX_ORDINARY_BYTES } from './json-reader.ts'
import type { Sha1 } from '../../base/bytes/sha1.ts'
import { UUID_BYTES } from '../../base/bytes/uuid-bytes.ts'

const NAMESPACE_BYTES = 16
const MAX_TENANT_BYTES = 128
const SLASH = 0x2f
const HASH_BYTES = 20

/** A longer key is left to `deriveEventId`. */
export const MAX_KEY_CHARACTERS = 1_024

const encoder = new TextEncoder()

/** Writes the id of an event, which `deriveEventId` defines, from bytes to bytes. */
export class EventIdWriter {
  readonly #sha1: Sha1
  /** What is hashed: the namespace, the tenant, a slash and the producer's key. */
  readonly #input = new Uint8Array(NAMESPACE_BYTES + MAX_TENANT_BYTES + 1 + MAX_ORDINARY_BYTES)
  /** The first bytes of `#input` by their number, as a view costs more than the copy of an id. */
  readonly #views: (Uint8Array | undefined)[] = Array.from({ length: 256 })
  readonly #hash = new Uint8Array(HASH_BYTES)

  constructor(sha1: Sha1) {
    this.#sha1 = sha1
    this.#input.set(PRODUCER_KEY_NAMESPACE)
  }

  /** The id for a key at `from` to `to` of the message, whose tenant is at `tenantFrom` to `tenantTo`. */
  write(
    column: UuidColumn,
    row: number,
    bytes: Uint8Array,
    tenantFrom: number,
    tenantTo: number,
    from: number,
    to: number,
  ): void {
    const input = this.#input
    let length = this.#addTenant(bytes, tenantFrom, tenantTo)
    for (let at = from; at < to;) input[length++] = bytes[at++]!
    this.#writeHash(column, row, length)
  }

  /** The id for a key of at most `MAX_KEY_CHARACTERS` from elsewhere. */
  writeText(
    column: UuidColumn,
    row: number,
    bytes: Uint8Array,
    tenantFrom: number,
    tenantTo: number,
    key: string,
  ): void {
    const length = this.#addTenant(bytes, tenantFrom, tenantTo)
    this.#writeHash(column, row, length + encoder.encodeInto(key, this.#input.subarray(length)).written)
  }

  #addTenant(bytes: Uint8Array, from: number, to: number): number {
    const input = this.#input
    let length = NAMESPACE_BYTES
    for (let at = from; at < to;) input[length++] = bytes[at++]!
    input[length++] = SLASH
    return length
  }

  #writeHash(column: UuidColumn, row: number, length: number): void {
    const hash = this.#hash
    this.#sha1(this.#view(length), hash)
    // Version 5, variant 1.
    hash[6] = (hash[6]! & 0x0f) | 0x50
    hash[8] = (hash[8]! & 0x3f) | 0x80
    const offset = column.reserve(row)
    const target = column.bytes
    for (let index = 0; index < UUID_BYTES / 2; index++) {
      target[offset + index] = hash[7 - index]!
      target[offset + 8 + index] = hash[15 - index]!
    }
  }

  #view(length: number): Uint8Array {
    if (length >= this.#views.length) return this.#input.subarray(0, length)
    return (this.#views[length] ??= this.#input.subarray(0, length))
  }
}
