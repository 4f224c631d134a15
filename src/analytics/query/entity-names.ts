import type { NamedEntity } from '../../events/event-row.ts'
import { type QueryPort, tenantQuery } from './tenant-query.ts'

const ENTITY_NAMES_SQL = `
  SELECT id, tupleElement(max(latest), 'name') AS name
  FROM analytics_names WHERE tenant_id = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}
  GROUP BY id`

/** A statement may have 16 MiB, and a character up to three bytes. A file needs the names of all entities. */
const MAX_BATCH_CHARACTERS = 2_000_000

/** Finds the newest known name of each id. The function returned gives the name of an id, or the id itself if no name is known. */
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

/** The ids in batches that fit into one statement each. */
function splitIntoBatches(ids: readonly string[]): string[][] {
  const batches: string[][] = []
  let characters = MAX_BATCH_CHARACTERS
  for (const id of ids) {
    // The quotes and the comma of each id.
    characters += id.length + 3
    if (characters > MAX_BATCH_CHARACTERS) {
      batches.push([])
      characters = id.length + 3
    }
    batches.at(-1)!.push(id)
  }
  return batches
}
