import type { EventBlock } from '../../events/block/event-block.ts'

const WORDS_PER_ID = 4

/** Finds rows of a block by their ids. Open addressing over 32 bits of the id, which is a hash already. */
export class IdTable {
  readonly #words: Uint32Array
  /** A row plus 1, or 0. */
  readonly #slots: Uint32Array

  /** An empty table for the rows of a block, which gets no further rows. */
  constructor({ columns, length }: EventBlock) {
    this.#words = wordsOf(columns.id.bytes)
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(length, 8) * 2)))
  }

  /** Adds a row. Returns -1, or the row that was added before with the same id. */
  add(row: number): number {
    const mask = this.#slots.length - 1
    for (let slot = this.#words[row * WORDS_PER_ID + 1]! & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot]!
      if (found === 0) {
        this.#slots[slot] = row + 1
        return -1
      }
      if (this.#isId(found - 1, this.#words, row * WORDS_PER_ID)) return found - 1
    }
  }

  /** The rows of another block whose ids are in this table, each with the row of this table. */
  *find(other: EventBlock, rows: Uint32Array): Generator<{ readonly row: number; readonly found: number }> {
    const words = wordsOf(other.columns.id.bytes)
    const mask = this.#slots.length - 1
    for (const row of rows) {
      const offset = row * WORDS_PER_ID
      for (let slot = words[offset + 1]! & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
        const found = this.#slots[slot]! - 1
        if (!this.#isId(found, words, offset)) continue
        yield { row, found }
        break
      }
    }
  }

  #isId(row: number, words: Uint32Array, offset: number): boolean {
    const own = row * WORDS_PER_ID
    for (let word = 0; word < WORDS_PER_ID; word++) if (this.#words[own + word] !== words[offset + word]) return false
    return true
  }
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2)
}
