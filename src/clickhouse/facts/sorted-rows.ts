/** The order of rows in the primary key of `analytics_message_facts`. The engine does not have to sort rows that are sorted already, which halves the work of an insert. */
import type { RowIndexes } from '../../events/block/event-block.ts'
import type { FactsBlock } from './facts-block.ts'

/** The bits of a sortable number that hold the position of a row, and those of the low word above them. */
const POSITION_BITS = 17
const LOW_BITS = 32 - POSITION_BITS
const MAX_ROWS = 2 ** POSITION_BITS
const MAX_PLACES = 2 ** (64 - POSITION_BITS)

/** These rows of a block, ascending by (tenant, sent_at, message id); rows of the same key keep their order. Rows that are too many or too far apart keep their order too. */
export function sortedRows(block: FactsBlock, rows: readonly number[]): RowIndexes {
  const { tenant_id, sent_at } = block.columns
  let [first, last] = [Infinity, -Infinity]
  for (let index = 0; index < rows.length; index++) {
    const at = sent_at.values[rows[index]!]!
    if (at < first) first = at
    if (at > last) last = at
  }
  const ranks = ranksOf(tenant_id.symbols)
  const width = last - first + 1
  if (rows.length > MAX_ROWS || ranks.length * width > MAX_PLACES) return Uint32Array.from(rows)
  const words = new Uint32Array(rows.length * 2)
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!
    const place = ranks[tenant_id.indexes[row]!]! * width + sent_at.values[row]! - first
    const high = Math.floor(place / 2 ** LOW_BITS)
    words[index * 2] = ((place - high * 2 ** LOW_BITS) << POSITION_BITS) | index
    words[index * 2 + 1] = high
  }
  // The engine of the language sorts plain numbers natively.
  new BigUint64Array(words.buffer).sort()
  const sorted = new Uint32Array(rows.length)
  for (let index = 0; index < rows.length; index++) sorted[index] = rows[words[index * 2]! & (MAX_ROWS - 1)]!
  const isSamePlace = (a: number, b: number) =>
    words[a * 2 + 1] === words[b * 2 + 1] && words[a * 2]! >>> POSITION_BITS === words[b * 2]! >>> POSITION_BITS
  for (let start = 0, end = 1; start < rows.length; start = end++) {
    while (end < rows.length && isSamePlace(start, end)) end++
    if (end - start > 1) sortById(block, sorted.subarray(start, end))
  }
  return sorted
}

/** Sorts rows by message id; rows with the same id keep their order. */
function sortById({ columns: { message_id } }: FactsBlock, rows: RowIndexes): void {
  const { bytes, ends } = message_id
  const compare = (a: number, b: number) => {
    const [startOfA, startOfB] = [message_id.start(a), message_id.start(b)]
    const [lengthOfA, lengthOfB] = [ends[a]! - startOfA, ends[b]! - startOfB]
    for (let offset = 0; offset < lengthOfA && offset < lengthOfB; offset++) {
      const difference = bytes[startOfA + offset]! - bytes[startOfB + offset]!
      if (difference !== 0) return difference
    }
    return lengthOfA - lengthOfB
  }
  if (rows.length > 2 || compare(rows[0]!, rows[1]!) > 0) rows.set(Array.from(rows).sort(compare))
}

/** By symbol: its position in the order of the texts. */
function ranksOf(symbols: FactsBlock['columns']['tenant_id']['symbols']): Uint32Array {
  const order = Array.from({ length: symbols.size }, (_, symbol) => ({ symbol, text: symbols.bytes(symbol) }))
  order.sort((a, b) => compareBytes(a.text, b.text))
  const ranks = new Uint32Array(symbols.size)
  for (const [rank, { symbol }] of order.entries()) ranks[symbol] = rank
  return ranks
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let offset = 0; offset < a.length && offset < b.length; offset++)
    if (a[offset] !== b[offset]) return a[offset]! - b[offset]!
  return a.length - b.length
}
