/**
 * How the tables of a connection are distributed: on one server (the embedded engine is one too), or over the shards and replicas of a cluster. Statements differ only in
 * the parts that are defined here.
 */
import { named } from './named-statement.ts'
import { quoteIdentifier, quoteText } from './sql-literals.ts'

export interface Cluster {
  readonly name: string
  readonly database: string
}

export interface TableTopology {
  /** Undefined on one server. */
  readonly cluster: Cluster | undefined
  /** Follows the table name in a statement that all shards have to run; empty on one server. */
  readonly onCluster: string
  /** The table that stores the rows of a sharded table on each node, with their parts, projections and mutations. */
  storageTable(table: ShardedTable): string
  /** A subquery that runs a select on system tables on one replica of each shard. */
  oncePerShard(select: string): string
  /** A subquery of the mutations of events that are unfinished on some replica, with their `failure`. Parameters: `database`, and `commands` as a regular expression. */
  readonly unfinishedMutations: string
  readonly fence: FenceStatements
}

/** Statements with the parameter `prefix`: the prefix of the query ids of the inserts. */
export interface FenceStatements {
  /** Kills running inserts. */
  readonly kill: string
  /** Queries that return no rows once no insert can take effect any more. */
  readonly pendingInserts: readonly string[]
}

/** The rows of a tenant are stored on one shard, which its id determines. */
const SHARDED_TABLES = [
  'analytics_events',
  'analytics_names',
  'analytics_surrogate_ids',
  'analytics_message_facts',
  'analytics_message_recalculations',
  'analytics_request_audit',
] as const
/** Small tables that are read without a tenant and are stored on every node, so that they are available while a shard is not. */
const FULLY_REPLICATED_TABLES: readonly string[] = [
  'analytics_migrations',
  'analytics_writers',
  'analytics_erasures',
  'analytics_api_keys',
  'analytics_facts_versions',
  'analytics_facts_progress',
]

export type ShardedTable = (typeof SHARDED_TABLES)[number]

/** How a cluster stores a table; undefined for an unknown table. */
export function placementOf(table: string): 'sharded' | 'whole' | undefined {
  if (isSharded(table)) return 'sharded'
  return FULLY_REPLICATED_TABLES.includes(table) ? 'whole' : undefined
}

export function isSharded(table: string): table is ShardedTable {
  return (SHARDED_TABLES as readonly string[]).includes(table)
}

/** The table that stores the rows of a sharded table on one node. */
export function localTable(table: ShardedTable): string {
  return `${table}_local`
}

/** The path of a replicated table in the keeper. It depends on names only, so that a statement can be repeated on a node that joins later. */
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
    pendingInserts: [
      named(
        'find_running_inserts',
        'SELECT query_id FROM system.processes WHERE startsWith(query_id, {prefix:String})',
      ),
    ],
  },
}

export function clusterTopology(cluster: Cluster): TableTopology {
  const name = quoteText(cluster.name)
  const onCluster = ` ON CLUSTER ${quoteIdentifier(cluster.name)}`
  const fencedTables: readonly ShardedTable[] = [
    'analytics_events',
    'analytics_names',
    'analytics_surrogate_ids',
    'analytics_message_facts',
  ]
  const paths = fencedTables.map((table) => quoteText(keeperPath(cluster, localTable(table))))
  return {
    cluster,
    onCluster,
    storageTable: localTable,
    oncePerShard: (select) => `cluster(${name}, view(${select}))`,
    // A replica that has not received a mutation yet does not list it, so the replicas that finished it are counted.
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
      // On the shards an insert has other query ids, but the same initial query id.
      kill: `KILL QUERY${onCluster} WHERE startsWith(initial_query_id, {prefix:String}) SYNC`,
      pendingInserts: [
        named(
          'find_running_inserts',
          `SELECT query_id FROM clusterAllReplicas(${name}, system.processes) WHERE startsWith(initial_query_id, {prefix:String})`,
        ),
        // A part that waits for its quorum is not visible yet but may become visible at any time.
        named(
          'find_quorum_inserts',
          `SELECT path FROM system.zookeeper WHERE name = 'status' AND path IN (` +
            `SELECT concat(path, '/', name, '/quorum') FROM system.zookeeper WHERE path IN (${paths.join(', ')}))`,
        ),
      ],
    },
  }
}
