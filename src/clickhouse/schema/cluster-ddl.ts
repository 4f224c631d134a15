/**
 * What a migration is in a cluster. The files are the same as for one server; here each becomes the statements that do the same on every node: replicated tables, a
 * `Distributed` one under the public name of each that is sharded, all by name only, so that they can be repeated. A form that is not known is refused rather than guessed.
 */
import { StartFailure } from '../../base/errors.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import { type Cluster, clusterTopology, isSharded, keeperPath, localTable, placementOf } from './table-topology.ts'

/** Which shard a tenant's rows lie on. Dashboards rely on it: they ask that one alone. */
const SHARDING_KEY = 'cityHash64(tenant_id)'

/**
 * These number the members of rows from before there were numbers, by way of an update that replicated tables refuse (`joinGet` may answer otherwise on each replica).
 * No cluster has such rows: that is checked instead.
 */
const FOR_OLDER_ROWS: ReadonlySet<string> = new Set([
  '0016_number_members.sql',
  '0017_create_member_index.sql',
  '0018_fill_member_index.sql',
  '0019_number_rows.sql',
  '0020_drop_member_index.sql',
])

const TABLE = '`\\w+`\\.(analytics_\\w+)'
const CREATE_DATABASE = /^CREATE DATABASE IF NOT EXISTS `\w+`$/
const CREATE_TABLE = new RegExp(`^CREATE TABLE IF NOT EXISTS ${TABLE}(?=\\s*\\()`)
const ENGINE = /^ENGINE = ((?:Replacing|Aggregating)?MergeTree)(?:\(([\w, ]+)\))?$/m
const ALTER = new RegExp(`^ALTER TABLE ${TABLE}(?=\\s)`)
const INSERT = new RegExp(`^INSERT INTO ${TABLE} \\([\\w, ]+\\)\\s+SELECT\\b`)
/** Behind the table of an `ALTER`: what changes the rows' table alone. */
const ROW_STORAGE_CHANGE =
  /^\s+(?:ADD|DROP|MATERIALIZE) (?:PROJECTION|INDEX)\b|^\s+MODIFY SETTING\b|^\s+(?:UPDATE|DELETE)\b/
const COLUMN_CHANGE = /^\s+ADD COLUMN IF NOT EXISTS\b/
/** In a mutation: what each replica would answer by itself. */
const NON_DETERMINISTIC_CHANGE = /\b(?:joinGet|dictGet|SELECT|now|now64|rand|today|generateUUIDv4)\w*\b/i

/** The statements that do in a cluster what a migration does on one server. Throws a StartFailure for one that it does not understand. */
export function clusterStatements(name: string, file: string, cluster: Cluster): string[] {
  const database = quoteIdentifier(cluster.database)
  const sql = file
    .replace(/^(?:--.*\n)+/, '')
    .replaceAll('{database:Identifier}', database)
    .trim()
  if (FOR_OLDER_ROWS.has(name))
    return [
      `SELECT throwIf(count() > 0, 'There are rows from before the cluster, which cannot be numbered.') FROM ${database}.analytics_events`,
    ]
  const { onCluster } = clusterTopology(cluster)
  if (CREATE_DATABASE.test(sql)) return [`${sql}${onCluster}`]
  const created = CREATE_TABLE.exec(sql)?.[1]
  if (created !== undefined) return createTable(name, sql, created, cluster)
  const altered = ALTER.exec(sql)?.[1]
  if (altered !== undefined) return alterTable(name, sql, altered, cluster)
  const filled = INSERT.exec(sql)?.[1]
  // By the public names, so that every row comes from its shard and goes to its shard.
  if (filled !== undefined && placementOf(filled) !== undefined) return [sql]
  throw unsupportedMigration(name, 'is no statement that it knows')
}

function createTable(name: string, sql: string, table: string, cluster: Cluster): string[] {
  const placement = placementOf(table)
  if (placement === undefined)
    throw unsupportedMigration(
      name,
      `creates ${table}, of which src/clickhouse/schema/table-topology.ts does not say where it lies`,
    )
  const database = quoteIdentifier(cluster.database)
  const { onCluster } = clusterTopology(cluster)
  // Only a sharded table has replicas that are told apart within a shard; of the others every node is one.
  const local = isSharded(table) ? localTable(table) : table
  const [shard, replica] = placement === 'sharded' ? ['{shard}', '{replica}'] : ['all', '{shard}-{replica}']
  const [, engine, options] = ENGINE.exec(sql) ?? []
  if (engine === undefined) throw unsupportedMigration(name, 'creates a table with an engine that it cannot replicate')
  const places = [quoteText(`${keeperPath(cluster, local)}/${shard}`), quoteText(replica)]
  if (options !== undefined) places.push(options)
  const create = sql
    .replace(CREATE_TABLE, `CREATE TABLE IF NOT EXISTS ${database}.${local}${onCluster}`)
    .replace(ENGINE, `ENGINE = Replicated${engine}(${places.join(', ')})`)
  if (placement === 'whole') return [create]
  const shards = [cluster.name, cluster.database, local].map(quoteText).join(', ')
  return [
    create,
    `CREATE TABLE IF NOT EXISTS ${database}.${table}${onCluster} AS ${database}.${local}\nENGINE = Distributed(${shards}, ${SHARDING_KEY})`,
  ]
}

function alterTable(name: string, sql: string, table: string, cluster: Cluster): string[] {
  const database = quoteIdentifier(cluster.database)
  const { onCluster } = clusterTopology(cluster)
  const change = sql.replace(ALTER, '')
  const isMutation = /^\s+(?:UPDATE|DELETE)\b/.test(change)
  if (isMutation && NON_DETERMINISTIC_CHANGE.test(change))
    throw unsupportedMigration(name, 'changes rows by what each replica would find out by itself')
  const isColumnChange = COLUMN_CHANGE.test(change)
  if (!isColumnChange && !ROW_STORAGE_CHANGE.test(change))
    throw unsupportedMigration(name, 'changes a table in a way that it does not know')
  if (isSharded(table)) {
    const tables = isColumnChange ? [localTable(table), table] : [localTable(table)]
    return tables.map((each) => `ALTER TABLE ${database}.${each}${onCluster}${change}`)
  }
  if (placementOf(table) === undefined)
    throw unsupportedMigration(name, `changes ${table}, of which nobody said where it lies`)
  // All nodes are replicas of one table and pass the change on among themselves: told to all at once they would get in each other's way. A setting is every node's own.
  return [`ALTER TABLE ${database}.${table}${/^\s+MODIFY SETTING\b/.test(change) ? onCluster : ''}${change}`]
}

function unsupportedMigration(name: string, what: string): StartFailure {
  return new StartFailure(
    `The migration ${name} ${what}, so that it cannot be applied to a cluster: teach its form to src/clickhouse/schema/cluster-ddl.ts.`,
  )
}
