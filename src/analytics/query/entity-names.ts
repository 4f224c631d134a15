import type { NamedEntity } from '../../events/event-row.ts'
import { type QueryPort, tenantQuery } from './tenant-query.ts'

const ENTITY_NAMES_SQL = `
  SELECT id, tupleElement(max(latest), 'name') AS name
  FROM analytics_names WHERE tenant_id = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}
  GROUP BY id`

/** A statement may have 16 MiB, a character up to three bytes. Files ask for the names of everything there is. */
const MAX_BATCH_CHARACTERS = 2_000_000

/** The newest known name of each id; an id without one is its own name. */
export async function findEntityNames(
  port: QueryPort,
  tenantId: string,
  kind: NamedEntity,
  ids: readonly string[],
): Promise<(id: string) => string> {
  const names = new Map<string, string>()
  for (const batch of splitIntoBatches(ids)) {
    const query = tenantQuery<{ id: string; name: string }>('names', ENTITY_NAMES_SQL, { kind, ids: batch })
    for (const { id, name } of await port.query(tenantId, query)) names.set(id, name)
  }
  return (id) => names.get(id) ?? id
}

/** The ids in packs, each of which fits into one statement. */
function splitIntoBatches(ids: readonly string[]): string[][] {
  const batches: string[][] = []
  let characters = MAX_BATCH_CHARACTERS
  for (const id of ids) {
    // Each with its quotes and its comma.
    characters += id.length + 3
    if (characters > MAX_BATCH_CHARACTERS) {
      batches.push([])
      characters = id.length + 3
    }
    batches.at(-1)!.push(id)
  }
  return batches
}
