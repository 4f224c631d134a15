import { type QueryPort, tenantQuery } from './tenant-query.ts'

/** Ends at the first row that it finds. Where it finds none, the order of the table leaves it a few rows for each type of event. */
const EVENT_BEFORE_SQL = `
  SELECT 1 AS found
  FROM analytics_events WHERE tenant_id = {tenant:String} AND occurred_at <= fromUnixTimestamp64Milli({instant:Int64})
  LIMIT 1
  SETTINGS optimize_use_projections = 0`

/** Whether the tenant has an event at the instant or before. */
export async function hasEventUntil(port: QueryPort, tenantId: string, instant: number): Promise<boolean> {
  const rows = await port.query(tenantId, tenantQuery<{ found: number }>('coverage', EVENT_BEFORE_SQL, { instant }))
  return rows.length > 0
}
