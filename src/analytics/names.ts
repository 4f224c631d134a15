import type { NamedKind } from '../events/row.ts'
import { type QueryPort, tenantQuery } from './query.ts'

const NAMES_SQL = `
  SELECT id, tupleElement(max(latest), 'name') AS name
  FROM analytics_names WHERE tenant_id = {tenant:String} AND kind = {kind:String} AND id IN {ids:Array(String)}
  GROUP BY id`

/** The newest known name of each id; an id without one is its own name. */
export async function findNames(
  port: QueryPort,
  tenantId: string,
  kind: NamedKind,
  ids: readonly string[],
): Promise<(id: string) => string> {
  if (ids.length === 0) return (id) => id
  const rows = await port.query(tenantId, tenantQuery<{ id: string; name: string }>('names', NAMES_SQL, { kind, ids }))
  const names = new Map(rows.map(({ id, name }) => [id, name]))
  return (id) => names.get(id) ?? id
}
