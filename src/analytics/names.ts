import type { NamedKind } from '../events/row.ts'
import { type QueryPort, tenantQuery } from './query.ts'

const NAMES_SQL = `
  SELECT id, tupleElement(max(latest), 'name') AS name
  FROM analytics_names WHERE tenant_id = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}
  GROUP BY id`

/** A statement may have 16 MiB, a character up to three bytes. Files ask for the names of everything there is. */
const MAX_PACK_CHARACTERS = 2_000_000

/** The newest known name of each id; an id without one is its own name. */
export async function findNames(
  port: QueryPort,
  tenantId: string,
  kind: NamedKind,
  ids: readonly string[],
): Promise<(id: string) => string> {
  const names = new Map<string, string>()
  for (const some of packsOf(ids)) {
    const query = tenantQuery<{ id: string; name: string }>('names', NAMES_SQL, { kind, ids: some })
    for (const { id, name } of await port.query(tenantId, query)) names.set(id, name)
  }
  return (id) => names.get(id) ?? id
}

/** The ids in packs, each of which fits into one statement. */
function packsOf(ids: readonly string[]): string[][] {
  const packs: string[][] = []
  let characters = MAX_PACK_CHARACTERS
  for (const id of ids) {
    // Each with its quotes and its comma.
    characters += id.length + 3
    if (characters > MAX_PACK_CHARACTERS) {
      packs.push([])
      characters = id.length + 3
    }
    packs.at(-1)!.push(id)
  }
  return packs
}
