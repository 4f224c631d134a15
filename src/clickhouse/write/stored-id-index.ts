/** Answers which of some ids are stored, at a cost by the number of ids in question. A filter recognises nearly all new ids; the store is asked for the others. */
import type { EventWriter } from '../connection/store-connection.ts'
import { CompleteFilter, type CompleteFilterOptions } from '../filter/complete-filter.ts'
import { findIds, findIdsAtKeys } from './stored-id-lookup.ts'
import { type GivenKeys, STORED_IDS } from './stored-id-queries.ts'

/** With more ids than this, most of them are usually repeated events, which are stored with the same primary keys. */
const MIN_IDS_FOR_KEYS = 500

/** The ids are in one array, 16 bytes each, in the layout of the engine: each half of a UUID in reverse order. */
export class StoredIdIndex extends CompleteFilter {
  readonly #connection: EventWriter

  constructor(connection: EventWriter, options: CompleteFilterOptions = {}) {
    super(connection, STORED_IDS, options)
    this.#connection = connection
  }

  /**
   * The positions of the ids that are stored, ascending. `keysOf` returns the primary keys of the events at these positions; without it each id is looked up by itself.
   * Rejects with a StoreFailure.
   */
  async find(ids: Uint8Array, keysOf?: (positions: Uint32Array<ArrayBuffer>) => GivenKeys): Promise<Uint32Array> {
    const candidates = await this.candidates(ids)
    const repeated =
      keysOf && candidates.length > MIN_IDS_FOR_KEYS
        ? await findIdsAtKeys(this.#connection, ids, candidates, keysOf)
        : new Set<number>()
    const others = repeated.size === 0 ? candidates : candidates.filter((position) => !repeated.has(position))
    const found = await findIds(this.#connection, ids, others)
    return Uint32Array.from([...repeated, ...found]).sort()
  }
}
