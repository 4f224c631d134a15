/**
 * The hourly maintenance of the store. Each step is cheap when there is nothing to do.
 */
import type { StoreConnection } from '../connection/store-connection.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import type { TableTopology } from '../connection/table-topology.ts'
import { countUnfinishedMutations } from './mutations.ts'

/** The results of a maintenance run. */
export interface MaintenanceReport {
  readonly eventRows: number
  readonly eventParts: number
  readonly eventBytes: number
  readonly nameRows: number
  /** Parts without a projection for longer than the grace time. Its materialisation was started or is running; until it ends, queries read the rows of the part. */
  readonly partsWithoutProjection: number
  readonly factsRows: number
  readonly factsParts: number
  readonly factsBytes: number
  /** Months whose parts were merged into one part. */
  readonly mergedMonths: readonly string[]
  /** Partitions of the facts of messages likewise. */
  readonly mergedFacts: readonly string[]
  /** The tenants with the most rows. */
  readonly largestTenants: readonly TenantSize[]
}

export interface TenantSize {
  readonly tenantId: string
  readonly rows: number
  /** An estimate by the share of rows, since parts contain rows of several tenants. */
  readonly bytes: number
}

export interface MaintenanceOptions {
  /** The number of largest tenants to report. */
  readonly tenantCount: number
  /** Younger parts are skipped, since their first merge creates their projections. */
  readonly graceSeconds?: number
}

const PROJECTION_GRACE_SECONDS = 3_600

/** Past months with at most this number of parts are not merged: each late event adds a part, and a merge rewrites the month. */
const MAX_PARTS_PER_MONTH = 4
/** The tables with projections, whose past months are merged. */
const PROJECTED_TABLES = ['analytics_events', 'analytics_message_facts'] as const

const tableSizesSql = ({ storageTable, oncePerShard }: TableTopology) =>
  named(
    'read_table_sizes',
    `
  SELECT kind, sum(part_rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes
  FROM ${oncePerShard(`
    SELECT transform(table, ['${storageTable('analytics_names')}', '${storageTable('analytics_message_facts')}'], ['names', 'facts'], 'events') AS kind, rows AS part_rows, bytes_on_disk
    FROM system.parts
    WHERE database = {database:String} AND active
      AND table IN ('${storageTable('analytics_events')}', '${storageTable('analytics_names')}', '${storageTable('analytics_message_facts')}')`)}
  GROUP BY kind`,
    UNQUOTED_INTEGERS,
  )

const missingProjectionsSql = ({ storageTable, oncePerShard }: TableTopology) => {
  const tables = `database = {database:String} AND table IN ('${storageTable('analytics_events')}', '${storageTable('analytics_message_facts')}')`
  return named(
    'find_missing_projections',
    `
  SELECT source, projection, month, count() AS parts
  FROM ${oncePerShard(`
    SELECT source, projection, month
    FROM (
      SELECT table AS source, name AS part, partition_id AS month FROM system.parts
      WHERE ${tables} AND active AND modification_time <= now() - {graceSeconds:UInt32}
    ) AS parts
    INNER JOIN (SELECT table AS source, name AS projection FROM system.projections WHERE ${tables}) AS projections USING (source)
    WHERE (source, part, projection) NOT IN (SELECT table, parent_name, name FROM system.projection_parts WHERE ${tables} AND active)`)}
  GROUP BY source, projection, month ORDER BY source, projection, month`,
    UNQUOTED_INTEGERS,
  )
}

/** The month is the last part of a partition. */
const unmergedMonthsSql = ({ storageTable, oncePerShard }: TableTopology) =>
  named(
    'find_unmerged_months',
    `
  SELECT DISTINCT source, month
  FROM ${oncePerShard(`
    SELECT table AS source, partition_id AS month FROM system.parts
    WHERE database = {database:String} AND table IN ('${storageTable('analytics_events')}', '${storageTable('analytics_message_facts')}') AND active
      AND toUInt32(extract(partition, '([0-9]{6})\\\\D*$')) < toYYYYMM(now())
    GROUP BY source, month HAVING count() > {maxParts:UInt32} AND uniqExact(arraySort(projections)) = 1`)}
  ORDER BY source, month`,
  )

const LARGEST_TENANTS = named(
  'find_largest_tenants',
  `
  SELECT tenant_id AS tenantId, count() AS rows FROM {database:Identifier}.analytics_events
  GROUP BY tenant_id ORDER BY rows DESC, tenant_id LIMIT {limit:UInt32}`,
  `${UNQUOTED_INTEGERS}, max_threads = 1, max_execution_time = 60`,
)

/** Merges the names and past months, materialises missing projections, and measures the tables. */
export async function runMaintenance(
  maintenance: StoreConnection,
  database: string,
  { tenantCount, graceSeconds = PROJECTION_GRACE_SECONDS }: MaintenanceOptions,
): Promise<MaintenanceReport> {
  const { topology } = maintenance
  const { storageTable, onCluster } = topology
  await maintenance.command(
    `OPTIMIZE TABLE {database:Identifier}.${storageTable('analytics_names')}${onCluster} FINAL`,
    { database },
  )
  // Parts with and without projections cannot be merged with each other: the statement would have no effect, and no error. A month with both gets its projections first, and is
  // merged by the next run.
  const merged = await mergeClosedMonths(maintenance, database)
  const partsWithoutProjection = await materialiseProjections(maintenance, database, graceSeconds)
  const sizes = new Map(
    (
      await maintenance.query<{ kind: 'events' | 'names' | 'facts'; rows: number; parts: number; bytes: number }>(
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
    factsRows: sizes.get('facts')?.rows ?? 0,
    factsParts: sizes.get('facts')?.parts ?? 0,
    factsBytes: sizes.get('facts')?.bytes ?? 0,
    mergedMonths: merged.get('analytics_events') ?? [],
    mergedFacts: merged.get('analytics_message_facts') ?? [],
    largestTenants: largest.map((tenant) => ({ ...tenant, bytes: Math.round((tenant.rows / rows) * bytes) })),
  }
}

/**
 * Starts the materialisation, which the engine continues in the background, also across restarts. Returns the number of parts without a projection. It is one statement per table,
 * since each one makes the engine replace every part of the table.
 */
async function materialiseProjections(
  maintenance: StoreConnection,
  database: string,
  graceSeconds: number,
): Promise<number> {
  const { storageTable, onCluster } = maintenance.topology
  // Counted first: a mutation that ends in between is then among neither.
  const { mutations } = await countUnfinishedMutations(maintenance, database)
  const missing = await maintenance.query<{ source: string; projection: string; month: string; parts: number }>(
    missingProjectionsSql(maintenance.topology),
    { database, graceSeconds },
  )
  let partsWithoutProjection = 0
  for (const table of PROJECTED_TABLES) {
    const ofTable = missing.filter(({ source }) => source === storageTable(table))
    const partsOf = new Map<string, number>()
    for (const { projection, parts } of ofTable) partsOf.set(projection, (partsOf.get(projection) ?? 0) + parts)
    partsWithoutProjection += Math.max(0, ...partsOf.values())
    if (ofTable.length === 0 || mutations > 0) continue
    // A server does not accept parameters in these positions. By default, the engine would wait for the end.
    const commands = ofTable.map(
      ({ projection, month }) =>
        `MATERIALIZE PROJECTION ${quoteIdentifier(projection)} IN PARTITION ID ${quoteText(month)}`,
    )
    await maintenance.command(
      `ALTER TABLE {database:Identifier}.${storageTable(table)}${onCluster} ${commands.join(', ')} SETTINGS mutations_sync = 0`,
      { database },
    )
  }
  return partsWithoutProjection
}

/**
 * Merges past months, which get few further parts: a query over many parts takes longer than over few, and rows of facts that remove each other are dropped. Returns the merged
 * months by table.
 */
async function mergeClosedMonths(maintenance: StoreConnection, database: string): Promise<Map<string, string[]>> {
  const { topology } = maintenance
  const unmerged = await maintenance.query<{ source: string; month: string }>(unmergedMonthsSql(topology), {
    database,
    maxParts: MAX_PARTS_PER_MONTH,
  })
  const merged = new Map<string, string[]>()
  for (const table of PROJECTED_TABLES) {
    const months = unmerged.filter(({ source }) => source === topology.storageTable(table)).map(({ month }) => month)
    for (const month of months)
      await maintenance.command(
        `OPTIMIZE TABLE {database:Identifier}.${topology.storageTable(table)}${topology.onCluster} PARTITION ID {month:String} FINAL`,
        { database, month },
      )
    merged.set(table, months)
  }
  return merged
}
