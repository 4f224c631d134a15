import { named } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { uuidsOf } from './uuid-text.ts'

/** The number of ids in one query. A query reads the ids of all rows of their tenants, so it covers a whole block of the writer. */
const MAX_LOOKUP_IDS = 25_000

const FIND_STORED_IDS = named(
  'find_stored_ids',
  `
  SELECT DISTINCT toString(id) AS stored_id
  FROM analytics_events
  WHERE tenant_id IN {tenants:Array(String)} AND id IN {ids:Array(UUID)}`,
)

/** Which of the ids are stored for one of these tenants: 1 at the position of such an id. `ids` has 16 bytes per id, as the engine stores them; they have to be distinct. */
export async function findStoredIds(
  connection: StoreConnection,
  tenants: readonly string[],
  ids: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  const texts = uuidsOf(ids)
  const flags = new Uint8Array(texts.length)
  for (let start = 0; start < texts.length; start += MAX_LOOKUP_IDS) {
    const slice = texts.slice(start, start + MAX_LOOKUP_IDS)
    const found = await connection.query<{ stored_id: string }>(FIND_STORED_IDS, { tenants, ids: slice })
    if (found.length === 0) continue
    const stored = new Set(found.map(({ stored_id }) => stored_id))
    for (const [index, id] of slice.entries()) if (stored.has(id)) flags[start + index] = 1
  }
  return flags
}
