/**
 * The snapshot that the pages of a search are read from: the highest time of storing among the events of the tenant when the first page was requested. Later events have a
 * higher one, because one process at a time stores the events of a tenant, one block after the other, and the store sets `ingested_at` when it inserts a block.
 *
 * An event that was stored before the first page is never left out, whatever the clocks do: its time of storing is not above the highest one by definition. An event that was
 * stored later counts as one of the snapshot in two cases only: when it was stored within the same millisecond as the newest event of the snapshot, and while the clock of
 * the store shows earlier times than before (it was set back, or another server of a cluster took over the tenant and its clock is behind). Such an event appears on the page
 * that contains its place, once, if that page is not read yet, and is not counted as newer.
 */
import { type QueryPort, tenantQuery } from '../query/tenant-query.ts'

const LATEST_SQL = `
  SELECT count() AS events, toUnixTimestamp64Milli(max(ingested_at)) AS latest
  FROM analytics_events WHERE tenant_id = {tenant:String} AND ingested_at >= fromUnixTimestamp64Milli({since:Int64})
  SETTINGS optimize_use_projections = 0`

/** How far back the newest event of a tenant is looked for at first: the index over the times of storing leaves little to read for a short time. */
const FIRST_WINDOWS_MS = [3_600_000, 7 * 86_400_000]
const MAX_TENANTS = 10_000

/** Reads the snapshots of tenants. It keeps where the last one of a tenant was, so that the next one is found without reading all rows. */
export class Snapshots {
  readonly #port: QueryPort
  readonly #latest = new Map<string, number>()

  constructor({ port }: { readonly port: QueryPort }) {
    this.#port = port
  }

  /** The highest time of storing among the events of the tenant, epoch milliseconds; -1 without an event. Rejects with a StoreFailure. */
  async latestOf(tenantId: string, now: number): Promise<number> {
    const known = this.#latest.get(tenantId)
    // Each of them is a lower bound only: any row that is found proves that the highest one is found.
    const bounds = known === undefined ? FIRST_WINDOWS_MS.map((window) => Math.max(0, now - window)) : [known]
    for (const since of [...bounds, 0]) {
      const query = tenantQuery<{ events: number; latest: number }>('latest_event', LATEST_SQL, { since })
      const [row] = await this.#port.query(tenantId, query)
      if (row === undefined || row.events === 0) continue
      if (this.#latest.size >= MAX_TENANTS) this.#latest.clear()
      this.#latest.set(tenantId, row.latest)
      return row.latest
    }
    return -1
  }
}
