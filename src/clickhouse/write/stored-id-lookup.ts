/** Asks the store which of some ids it has, in queries of bounded length. Every function rejects with a StoreFailure. */
import type { QueryParameters } from '../connection/sql-literals.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { hexOf, idsAt, positionsOf } from './id-lists.ts'
import { FIND_IDS, FIND_IDS_AT_KEYS, type GivenKeys } from './stored-id-queries.ts'

/** The number of ids in one query. */
const MAX_IDS_PER_QUERY = 25_000

/** Those of the positions whose ids are stored. */
export function findIds(connection: StoreConnection, ids: Uint8Array, positions: Uint32Array<ArrayBuffer>) {
  return find(connection, FIND_IDS, ids, positions, () => ({}))
}

/** Those of the positions whose ids are stored with these primary keys; a few that are stored with similar keys can be among them. */
export function findIdsAtKeys(
  connection: StoreConnection,
  ids: Uint8Array,
  positions: Uint32Array<ArrayBuffer>,
  keysOf: (positions: Uint32Array<ArrayBuffer>) => GivenKeys,
) {
  return find(connection, FIND_IDS_AT_KEYS, ids, positions, (asked) => ({ ...keysOf(asked) }))
}

async function find(
  connection: StoreConnection,
  statement: string,
  ids: Uint8Array,
  positions: Uint32Array<ArrayBuffer>,
  parametersOf: (positions: Uint32Array<ArrayBuffer>) => QueryParameters,
): Promise<Set<number>> {
  const found = new Set<number>()
  for (let start = 0; start < positions.length; start += MAX_IDS_PER_QUERY) {
    const asked = positions.slice(start, start + MAX_IDS_PER_QUERY)
    const rows = await connection.query<{ stored_id: string }>(statement, {
      ...parametersOf(asked),
      ids: hexOf(idsAt(ids, asked)),
      count: asked.length,
    })
    for (const position of positionsOf(rows, ids, asked)) found.add(position)
  }
  return found
}
