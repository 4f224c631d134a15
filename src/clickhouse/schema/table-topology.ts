/**
 * How the tables lie behind a connection: on one server, which the engine in this process is too, or over the shards and replicas of a cluster. Statements take what
 * differs from here and are otherwise the same.
 */
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'

export interface Cluster {
  readonly name: string
  readonly database: string
}

export interface TableTopology {
  /** Undefined on one server. */
  readonly cluster: Cluster | undefined
  /** What stands behind a table's name in a statement that every shard has to carry out. */
  readonly onCluster: string
  /** Where the rows of a sharded table lie on a node: what has parts, projections and mutations. */
  storageTable(table: ShardedTable): string
  /** A select from the system tables of a node, as a subquery: what one replica of each shard says. */
  oncePerShard(select: string): string
  /** A subquery of the events' mutations that are not done on every replica, with their `failure`; takes `database`, and `commands` as a pattern. */
  readonly unfinishedMutations: string
  readonly fence: FenceStatements
}

/** Each takes `prefix`, with which the ids of the inserts begin. */
export interface FenceStatements {
  /** Ends the inserts that run. */
  readonly kill: string
  /** Questions with no rows for an answer once none can take effect any more. */
  readonly pendingInserts: readonly string[]
}

/** A tenant's rows of these lie on the one shard that its id chooses. */
const SHARDED_TABLES = [
  'analytics_events',
  'analytics_names',
  'analytics_surrogate_ids',
  'analytics_request_audit',
] as const
/** These are small, are asked without a tenant, and lie whole on every node: each answers while a shard is away. */
const FULLY_REPLICATED_TABLES: readonly string[] = [
  'analytics_migrations',
  'analytics_writers',
  'analytics_erasures',
  'analytics_api_keys',
]

export type ShardedTable = (typeof SHARDED_TABLES)[number]

/** Where a cluster keeps a table; undefined for one that nobody has decided about. */
export function placementOf(table: string): 'sharded' | 'whole' | undefined {
  if (isSharded(table)) return 'sharded'
  return FULLY_REPLICATED_TABLES.includes(table) ? 'whole' : undefined
}

export function isSharded(table: string): table is ShardedTable {
  return (SHARDED_TABLES as readonly string[]).includes(table)
}

/** A node's own part of a sharded table. */
export function localTable(table: ShardedTable): string {
  return `${table}_local`
}

/** Where the replicas of a table agree. By names alone, so that a statement can be repeated on a node that comes later. */
export function keeperPath({ name, database }: Cluster, table: string): string {
  return `/clickhouse/tables/${name}/${database}/${table}`
}

export const SINGLE_SERVER: TableTopology = {
  cluster: undefined,
  onCluster: '',
  storageTable: (table) => table,
  oncePerShard: (select) => `(${select})`,
  unfinishedMutations: `(
    SELECT latest_fail_reason AS failure FROM system.mutations
    WHERE database = {database:String} AND table = 'analytics_events' AND NOT is_done AND match(command, {commands:String})
  )`,
  fence: {
    kill: 'KILL QUERY WHERE startsWith(query_id, {prefix:String}) SYNC',
    pendingInserts: ['SELECT query_id FROM system.processes WHERE startsWith(query_id, {prefix:String})'],
  },
}

export function clusterTopology(cluster: Cluster): TableTopology {
  const name = quoteText(cluster.name)
  const onCluster = ` ON CLUSTER ${quoteIdentifier(cluster.name)}`
  const fencedTables: readonly ShardedTable[] = ['analytics_events', 'analytics_names', 'analytics_surrogate_ids']
  const paths = fencedTables.map((table) => quoteText(keeperPath(cluster, localTable(table))))
  return {
    cluster,
    onCluster,
    storageTable: localTable,
    oncePerShard: (select) => `cluster(${name}, view(${select}))`,
    // A replica that has not heard of a mutation yet says nothing of it: so those are counted that say it is done.
    unfinishedMutations: `(
    SELECT max(latest_fail_reason) AS failure
    FROM clusterAllReplicas(${name}, view(
      SELECT zookeeper_path, total_replicas, mutation_id, is_done, latest_fail_reason
      FROM system.mutations AS mutations
      INNER JOIN system.replicas AS replicas ON mutations.database = replicas.database AND mutations.table = replicas.table
      WHERE mutations.database = {database:String} AND mutations.table = ${quoteText(localTable('analytics_events'))} AND match(command, {commands:String})
    ))
    GROUP BY zookeeper_path, mutation_id
    HAVING countIf(is_done) < max(total_replicas)
  )`,
    fence: {
      // An insert goes on to the shards under ids of their own; they all know the one it began with.
      kill: `KILL QUERY${onCluster} WHERE startsWith(initial_query_id, {prefix:String}) SYNC`,
      pendingInserts: [
        `SELECT query_id FROM clusterAllReplicas(${name}, system.processes) WHERE startsWith(initial_query_id, {prefix:String})`,
        // A part that waits for its quorum is shown to nobody yet, but may be at any time: nobody may look before that.
        `SELECT path FROM system.zookeeper WHERE name = 'status' AND path IN (` +
          `SELECT concat(path, '/', name, '/quorum') FROM system.zookeeper WHERE path IN (${paths.join(', ')}))`,
      ],
    },
  }
}
