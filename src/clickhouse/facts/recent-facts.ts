/** The latest rows of the messages that were written last, so that the next events of these messages need no query. Bounded by memory; the oldest are forgotten first. */
import { FactsBlock } from './facts-block.ts'
import type { StoredFacts } from './find-facts.ts'
import type { TouchedMessages } from './touched-messages.ts'

/** Smaller blocks are copied into a common one, as each block takes some memory of its own. */
const MIN_BLOCK_ROWS = 4_096
const FIRST_SLOTS = 1_024

export class RecentFacts {
  readonly #maxBytes: number
  /** The oldest first; the block at position p has the number `#firstNumber + p`. */
  #blocks: FactsBlock[] = []
  #firstNumber = 1
  /** The block that takes the rows of small blocks; it is among `#blocks`. */
  #open: FactsBlock | undefined
  /** Open addressing by hash. By slot: the number of the block of the latest row, or 0, and the row. An entry of a forgotten block is dead until the table is built again. */
  #numbers = new Uint32Array(FIRST_SLOTS)
  #rows = new Uint32Array(FIRST_SLOTS)
  #usedSlots = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Forgets everything: rows may have been written that are unknown here. */
  clear(): void {
    this.#firstNumber += this.#blocks.length
    this.#blocks = []
    this.#open = undefined
    this.#resize(FIRST_SLOTS)
  }

  /** The latest row of a message; undefined when it is not known. */
  find(touched: TouchedMessages, message: number): StoredFacts | undefined {
    if (this.#blocks.length === 0) return undefined
    const row = touched.firstRow(message)
    const { entity_id } = touched.events.columns
    const tenant = touched.tenantOf(row)
    const [low, high] = touched.hashOf(message)
    const mask = this.#numbers.length - 1
    for (let slot = low & mask; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      const block = this.#blocks[this.#numbers[slot]! - this.#firstNumber]
      const found = this.#rows[slot]!
      if (block === undefined || block.hashes[found * 2] !== low || block.hashes[found * 2 + 1] !== high) continue
      const { tenant_id, message_id } = block.columns
      if (!isSame(tenant_id.symbols.bytes(tenant_id.indexes[found]!), tenant)) continue
      if (message_id.holds(found, entity_id.bytes, entity_id.start(row), entity_id.ends[row]!))
        return { block, row: found }
    }
    return undefined
  }

  /** Remembers the rows that were written; the block must not change any more. */
  keep(written: FactsBlock): void {
    if (written.length >= MIN_BLOCK_ROWS) {
      this.#addBlock(written)
      for (let row = 0; row < written.length; row++)
        if (written.signs[row] === 1) this.#put(this.#blocks.length - 1, row)
    } else {
      if (this.#open === undefined || this.#open.length >= MIN_BLOCK_ROWS) {
        this.#open = new FactsBlock()
        this.#addBlock(this.#open)
      }
      const position = this.#blocks.indexOf(this.#open)
      for (let row = 0; row < written.length; row++) {
        if (written.signs[row] !== 1) continue
        this.#open.copy(written, row, 1)
        this.#put(position, this.#open.length - 1)
      }
    }
    this.#shrink()
  }

  #addBlock(block: FactsBlock): void {
    this.#blocks.push(block)
  }

  #shrink(): void {
    let bytes = this.#blocks.reduce((sum, { byteLength }) => sum + byteLength, 0)
    while (bytes > this.#maxBytes && this.#blocks.length > 0) {
      const forgotten = this.#blocks.shift()!
      this.#firstNumber++
      bytes -= forgotten.byteLength
      if (forgotten === this.#open) this.#open = undefined
    }
  }

  /** The latest row of its message stands at `row` of the block at `position`. */
  #put(position: number, row: number): void {
    if ((this.#usedSlots + 1) * 2 > this.#numbers.length) this.#rebuild()
    const block = this.#blocks[position]!
    const low = block.hashes[row * 2]!
    const mask = this.#numbers.length - 1
    let slot = low & mask
    while (this.#numbers[slot] !== 0 && !this.#isSameMessage(slot, block, row)) slot = (slot + 1) & mask
    if (this.#numbers[slot] === 0) this.#usedSlots++
    this.#numbers[slot] = this.#firstNumber + position
    this.#rows[slot] = row
  }

  #isSameMessage(slot: number, block: FactsBlock, row: number): boolean {
    const other = this.#blocks[this.#numbers[slot]! - this.#firstNumber]
    if (other === undefined) return false
    const otherRow = this.#rows[slot]!
    if (other.hashes[otherRow * 2] !== block.hashes[row * 2]) return false
    if (other.hashes[otherRow * 2 + 1] !== block.hashes[row * 2 + 1]) return false
    const { tenant_id, message_id } = block.columns
    const others = other.columns
    return (
      isSame(
        others.tenant_id.symbols.bytes(others.tenant_id.indexes[otherRow]!),
        tenant_id.symbols.bytes(tenant_id.indexes[row]!),
      ) && others.message_id.holds(otherRow, message_id.bytes, message_id.start(row), message_id.ends[row]!)
    )
  }

  /** Builds the table again without the entries of forgotten blocks. */
  #rebuild(): void {
    const entries: [number: number, row: number][] = []
    for (let slot = 0; slot < this.#numbers.length; slot++) {
      const number = this.#numbers[slot]!
      if (number >= this.#firstNumber) entries.push([number, this.#rows[slot]!])
    }
    this.#resize(2 ** Math.ceil(Math.log2(Math.max(FIRST_SLOTS, (entries.length + 1) * 4))))
    const mask = this.#numbers.length - 1
    for (const [number, row] of entries) {
      let slot = this.#blocks[number - this.#firstNumber]!.hashes[row * 2]! & mask
      while (this.#numbers[slot] !== 0) slot = (slot + 1) & mask
      this.#numbers[slot] = number
      this.#rows[slot] = row
    }
    this.#usedSlots = entries.length
  }

  #resize(slots: number): void {
    this.#numbers = new Uint32Array(slots)
    this.#rows = new Uint32Array(slots)
    this.#usedSlots = 0
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let offset = 0; offset < a.length; offset++) if (a[offset] !== b[offset]) return false
  return true
}
