/** Answers which of some ids are stored, at a cost by the number of ids in question. A filter recognises nearly all new ids; the store is asked for the others. */
import type { EventWriter } from '../connection/store-connection.ts'
import { CompleteFilter, type CompleteFilterOptions } from '../filter/complete-filter.ts'
import { hexOf, positionsOf } from './id-lists.ts'
import { type BlockRange, FIND_IDS, FIND_IDS_IN_RANGE, STORED_IDS } from './stored-id-queries.ts'

/** The number of ids in one query. */
const MAX_IDS_PER_QUERY = 25_000
/** With more ids than this, most of them are usually repeated events, with the times at which they are stored. */
const MIN_IDS_FOR_RANGE = 500
/** Reading a longer range would cost more than looking up each id. */
const MAX_RANGE_MS = 2 * 86_400_000

/** The ids are in one array, 16 bytes each, in the layout of the engine: each half of a UUID in reverse order. */
export class StoredIdIndex extends CompleteFilter {
  readonly #connection: EventWriter

  constructor(connection: EventWriter, options: CompleteFilterOptions = {}) {
    super(connection, STORED_IDS, options)
    this.#connection = connection
  }

  /** The positions of the ids that are stored, ascending. `rangeOf` returns the range of the block that the ids belong to. Rejects with a StoreFailure. */
  async find(ids: Uint8Array, rangeOf: () => BlockRange): Promise<Uint32Array> {
    let open = await this.candidates(ids)
    const stored: number[] = []
    const ask = async (find: (hex: string, count: number) => Promise<{ stored_id: string }[]>) => {
      const found = new Set<number>()
      for (let start = 0; start < open.length; start += MAX_IDS_PER_QUERY) {
        const positions = open.subarray(start, start + MAX_IDS_PER_QUERY)
        const rows = await find(hexOf(ids, positions), positions.length)
        for (const position of positionsOf(rows, ids, positions)) found.add(position)
      }
      stored.push(...found)
      if (found.size > 0) open = open.filter((position) => !found.has(position))
    }
    if (open.length > MIN_IDS_FOR_RANGE) {
      const { tenants, types, from, to } = rangeOf()
      if (to - from <= MAX_RANGE_MS)
        await ask((hex, count) =>
          this.#connection.query(FIND_IDS_IN_RANGE, { tenants, types, from, to, ids: hex, count }),
        )
    }
    await ask((hex, count) => this.#connection.query(FIND_IDS, { ids: hex, count }))
    return Uint32Array.from(stored).sort()
  }
}
