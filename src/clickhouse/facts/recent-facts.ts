/** The latest rows of the messages that were written last, so that the next events of these messages need no query. Bounded by memory; the oldest are forgotten first. */
import type { SymbolColumn, TextColumn } from '../../events/block/block-columns.ts'
import { FactsBlock } from './facts-block.ts'
import type { StoredFacts } from './find-facts.ts'
import type { TouchedMessages } from './touched-messages.ts'

/** Smaller blocks are copied into a common one, as each block takes some memory of its own. */
const MIN_BLOCK_ROWS = 1_024
const FIRST_SLOTS = 1_024

export class RecentFacts {
  readonly #maxBytes: number
  /** The oldest first; the block at position p has the number `#firstNumber + p`. */
  #blocks: FactsBlock[] = []
  #firstNumber = 1
  /** The block that takes the rows of small blocks; it is among `#blocks`. */
  #open: FactsBlock | undefined
  /**
   * Open addressing by hash. By slot: the number of the block of the latest row, or 0, the row, and the high half of the hash. An entry of a forgotten block is dead until the
   * table is built again.
   */
  #numbers = new Uint32Array(FIRST_SLOTS)
  #highs = new Uint32Array(FIRST_SLOTS)
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
    const slot = this.#slotOf(
      touched.hashes,
      message,
      touched.events.columns.tenant_id,
      touched.events.columns.entity_id,
      touched.firstRow(message),
    )
    const number = this.#numbers[slot]!
    return number === 0 ? undefined : { block: this.#blocks[number - this.#firstNumber]!, row: this.#rows[slot]! }
  }

  /** Remembers the rows that were written; the block must not change any more. */
  keep(written: FactsBlock): void {
    if (written.length >= MIN_BLOCK_ROWS) {
      this.#blocks.push(written)
      for (let row = 0; row < written.length; row++)
        if (written.signs[row] === 1) this.#put(this.#blocks.length - 1, row)
    } else {
      if (this.#open === undefined || this.#open.length >= MIN_BLOCK_ROWS) {
        this.#open = new FactsBlock()
        this.#blocks.push(this.#open)
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
    const { hashes, columns } = this.#blocks[position]!
    const slot = this.#slotOf(hashes, row, columns.tenant_id, columns.message_id, row)
    if (this.#numbers[slot] === 0) this.#usedSlots++
    this.#numbers[slot] = this.#firstNumber + position
    this.#highs[slot] = hashes[row * 2 + 1]!
    this.#rows[slot] = row
  }

  /** The slot of a message, or the free one where it belongs. Its hash is the one at `index` of `hashes`; its tenant and id stand at `row` of the columns. */
  #slotOf(hashes: Uint32Array, index: number, tenants: SymbolColumn, ids: TextColumn, row: number): number {
    const low = hashes[index * 2]!
    const high = hashes[index * 2 + 1]!
    const mask = this.#numbers.length - 1
    let slot = low & mask
    for (; this.#numbers[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#highs[slot] !== high) continue
      const block = this.#blocks[this.#numbers[slot]! - this.#firstNumber]
      if (block === undefined) continue
      const { tenant_id, message_id } = block.columns
      const found = this.#rows[slot]!
      if (!tenant_id.symbols.isSameText(tenant_id.indexes[found]!, tenants.symbols, tenants.indexes[row]!)) continue
      if (message_id.holds(found, ids.bytes, ids.start(row), ids.ends[row]!)) break
    }
    return slot
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
      const block = this.#blocks[number - this.#firstNumber]!
      let slot = block.hashes[row * 2]! & mask
      while (this.#numbers[slot] !== 0) slot = (slot + 1) & mask
      this.#numbers[slot] = number
      this.#highs[slot] = block.hashes[row * 2 + 1]!
      this.#rows[slot] = row
    }
    this.#usedSlots = entries.length
  }

  #resize(slots: number): void {
    this.#numbers = new Uint32Array(slots)
    this.#highs = new Uint32Array(slots)
    this.#rows = new Uint32Array(slots)
    this.#usedSlots = 0
  }
}
