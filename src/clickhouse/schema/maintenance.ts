/**
 * The hourly care of the store: each step is cheap where there is nothing to do, and what it did is reported.
 */
import type { StoreConnection } from '../connection/store-connection.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import { countUnfinishedMutations } from './mutations.ts'
import type { TableTopology } from './table-topology.ts'

/** What the hourly refresh did and saw. */
export interface MaintenanceReport {
  readonly eventRows: number
  readonly eventParts: number
  readonly eventBytes: number
  readonly nameRows: number
  /** Parts that lacked a projection for longer than the grace time: its making was begun or goes on. Until then queries read their rows. */
  readonly partsWithoutProjection: number
  /** Months whose parts were merged into one. */
  readonly mergedMonths: readonly string[]
  /** The tenants with most rows, with their share of the bytes. */
  readonly largestTenants: readonly TenantSize[]
}

export interface TenantSize {
  readonly tenantId: string
  readonly rows: number
  /** By rows, as the parts of tenants are not apart. */
  readonly bytes: number
}

export interface MaintenanceOptions {
  /** So many of the largest tenants are told. */
  readonly tenantCount: number
  /** Parts that are younger get their projections when they are first merged. */
  readonly graceSeconds?: number
}

const PROJECTION_GRACE_SECONDS = 3_600

/** A month that is over is left to the engine's own merges below so many parts: each late event makes one, and merging rewrites the month. */
const MAX_PARTS_PER_MONTH = 4

const UNQUOTED_INTEGERS = 'SETTINGS output_format_json_quote_64bit_integers = 0'

const tableSizesSql = ({ storageTable, oncePerShard }: TableTopology) => `
  SELECT kind, sum(part_rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes
  FROM ${oncePerShard(`
    SELECT if(table = '${storageTable('analytics_names')}', 'names', 'events') AS kind, rows AS part_rows, bytes_on_disk
    FROM system.parts
    WHERE database = {database:String} AND table IN ('${storageTable('analytics_events')}', '${storageTable('analytics_names')}') AND active`)}
  GROUP BY kind
  ${UNQUOTED_INTEGERS}`

const missingProjectionsSql = ({ storageTable, oncePerShard }: TableTopology) => `
  SELECT projection, month, count() AS parts
  FROM ${oncePerShard(`
    SELECT projection, partition_id AS month
    FROM (
      SELECT name, partition_id FROM system.parts
      WHERE database = {database:String} AND table = '${storageTable('analytics_events')}' AND active AND modification_time <= now() - {graceSeconds:UInt32}
    ) AS parts
    CROSS JOIN (SELECT name AS projection FROM system.projections WHERE database = {database:String} AND table = '${storageTable('analytics_events')}') AS projections
    WHERE (name, projection) NOT IN (
      SELECT parent_name, name FROM system.projection_parts WHERE database = {database:String} AND table = '${storageTable('analytics_events')}' AND active
    )`)}
  GROUP BY projection, month ORDER BY projection, month
  ${UNQUOTED_INTEGERS}`

const unmergedMonthsSql = ({ storageTable, oncePerShard }: TableTopology) => `
  SELECT DISTINCT month
  FROM ${oncePerShard(`
    SELECT partition_id AS month FROM system.parts
    WHERE database = {database:String} AND table = '${storageTable('analytics_events')}' AND active AND toUInt32(partition) < toYYYYMM(now())
    GROUP BY month HAVING count() > {maxParts:UInt32}`)}
  ORDER BY month`

const LARGEST_TENANTS = `
  SELECT tenant_id AS tenantId, count() AS rows FROM {database:Identifier}.analytics_events
  GROUP BY tenant_id ORDER BY rows DESC, tenant_id LIMIT {limit:UInt32}
  SETTINGS output_format_json_quote_64bit_integers = 0, max_threads = 1, max_execution_time = 60`

/** Merges what is derived into its smallest form, merges months that are over, makes projections that are still missing, and reports. */
export async function runMaintenance(
  maintenance: StoreConnection,
  database: string,
  { tenantCount, graceSeconds = PROJECTION_GRACE_SECONDS }: MaintenanceOptions,
): Promise<MaintenanceReport> {
  const { topology } = maintenance
  const { storageTable, onCluster } = topology
  await maintenance.command(
    `OPTIMIZE TABLE {database:Identifier}.${storageTable('analytics_names')}${onCluster} FINAL`,
    {
      database,
    },
  )
  // Parts with and without projections are not merged with one another: what can be is, and gets them by that; the rest gets them now, and is merged the next time.
  const mergedMonths = await mergeClosedMonths(maintenance, database)
  const partsWithoutProjection = await materialiseProjections(maintenance, database, graceSeconds)
  const sizes = new Map(
    (
      await maintenance.query<{ kind: 'events' | 'names'; rows: number; parts: number; bytes: number }>(
        tableSizesSql(topology),
        { database },
      )
    ).map((row) => [row.kind, row]),
  )
  const { rows = 0, parts = 0, bytes = 0 } = sizes.get('events') ?? {}
  const largest = await maintenance.query<{ tenantId: string; rows: number }>(LARGEST_TENANTS, {
    database,
    limit: tenantCount,
  })
  return {
    eventRows: rows,
    eventParts: parts,
    eventBytes: bytes,
    nameRows: sizes.get('names')?.rows ?? 0,
    partsWithoutProjection,
    mergedMonths,
    largestTenants: largest.map((tenant) => ({ ...tenant, bytes: Math.round((tenant.rows / rows) * bytes) })),
  }
}

/** Begun here; the engine goes on with it in the background, over restarts too. */
async function materialiseProjections(
  maintenance: StoreConnection,
  database: string,
  graceSeconds: number,
): Promise<number> {
  const missing = await maintenance.query<{ projection: string; month: string; parts: number }>(
    missingProjectionsSql(maintenance.topology),
    { database, graceSeconds },
  )
  const { mutations } = await countUnfinishedMutations(maintenance, database)
  const { storageTable, onCluster } = maintenance.topology
  const partsOf = new Map<string, number>()
  for (const { projection, month, parts } of missing) {
    partsOf.set(projection, (partsOf.get(projection) ?? 0) + parts)
    if (mutations > 0) continue
    // A server takes no parameter in these places.
    await maintenance.command(
      `ALTER TABLE {database:Identifier}.${storageTable('analytics_events')}${onCluster} MATERIALIZE PROJECTION ${quoteIdentifier(projection)} IN PARTITION ID ${quoteText(month)}`,
      { database },
    )
  }
  return Math.max(0, ...partsOf.values())
}

/** A question over many parts takes longer than over few; a month that is over gets hardly any more. */
async function mergeClosedMonths(maintenance: StoreConnection, database: string): Promise<string[]> {
  const { topology } = maintenance
  const unmerged = await maintenance.query<{ month: string }>(unmergedMonthsSql(topology), {
    database,
    maxParts: MAX_PARTS_PER_MONTH,
  })
  for (const { month } of unmerged)
    await maintenance.command(
      `OPTIMIZE TABLE {database:Identifier}.${topology.storageTable('analytics_events')}${topology.onCluster} PARTITION ID {month:String} FINAL`,
      { database, month },
    )
  return unmerged.map(({ month }) => month)
}
