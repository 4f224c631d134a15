/**
 * Translates a migration for a cluster. The migration files are written for one server; here each becomes the statements that do the same on every node: replicated
 * tables and, for a sharded table, a `Distributed` table under its public name. Statements depend on names only, so that they can be repeated. A migration in an
 * unsupported form, such as one that changes rows, is rejected.
 */
import { StartFailure } from '../../base/errors.ts'
import { quoteIdentifier, quoteText } from '../connection/sql-literals.ts'
import {
  type Cluster,
  clusterTopology,
  isSharded,
  keeperPath,
  localTable,
  placementOf,
} from '../connection/table-topology.ts'

/** Chooses the shard of a tenant's rows. Dashboard queries rely on it: they are sent to that shard only. */
const SHARDING_KEY = 'cityHash64(tenant_id)'

const TABLE = '`\\w+`\\.(analytics_\\w+)'
const CREATE_DATABASE = /^CREATE DATABASE IF NOT EXISTS `\w+`$/
const CREATE_TABLE = new RegExp(`^CREATE TABLE IF NOT EXISTS ${TABLE}(?=\\s*\\()`)
const ENGINE = /^ENGINE = ((?:Replacing|Aggregating|Collapsing)?MergeTree)(?:\(([\w, ]+)\))?$/m
const ALTER = new RegExp(`^ALTER TABLE ${TABLE}(?=\\s)`)
/** Changes after `ALTER TABLE <name>` that concern the table that holds the rows, not the `Distributed` one. */
const ROW_STORAGE_CHANGE = /^\s+ADD (?:PROJECTION|INDEX) IF NOT EXISTS\b|^\s+MODIFY SETTING\b/
const COLUMN_CHANGE = /^\s+ADD COLUMN IF NOT EXISTS\b/

/** The statements that apply a migration to a cluster. Throws a StartFailure when the migration has an unsupported form. */
export function clusterStatements(name: string, file: string, cluster: Cluster): string[] {
  const database = quoteIdentifier(cluster.database)
  const sql = file
    .replace(/^(?:--.*\n)+/, '')
    .replaceAll('{database:Identifier}', database)
    .trim()
  if (CREATE_DATABASE.test(sql)) return [`${sql}${clusterTopology(cluster).onCluster}`]
  const created = CREATE_TABLE.exec(sql)?.[1]
  if (created !== undefined) return createTable(name, sql, created, cluster)
  const altered = ALTER.exec(sql)?.[1]
  if (altered !== undefined) return alterTable(name, sql, altered, cluster)
  throw unsupportedMigration(name, 'is not a supported statement')
}

function createTable(name: string, sql: string, table: string, cluster: Cluster): string[] {
  const placement = placementOf(table)
  if (placement === undefined)
    throw unsupportedMigration(
      name,
      `creates ${table}, whose placement is missing in src/clickhouse/connection/table-topology.ts`,
    )
  const database = quoteIdentifier(cluster.database)
  const { onCluster } = clusterTopology(cluster)
  // The replicas of a sharded table are numbered within their shard; for any other table every node of the cluster is a replica.
  const local = isSharded(table) ? localTable(table) : table
  const [shard, replica] = placement === 'sharded' ? ['{shard}', '{replica}'] : ['all', '{shard}-{replica}']
  const [, engine, options] = ENGINE.exec(sql) ?? []
  if (engine === undefined) throw unsupportedMigration(name, 'creates a table with an engine that cannot be replicated')
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
  const isColumnChange = COLUMN_CHANGE.test(change)
  if (!isColumnChange && !ROW_STORAGE_CHANGE.test(change))
    throw unsupportedMigration(name, 'alters a table in an unsupported way')
  if (isSharded(table)) {
    const tables = isColumnChange ? [localTable(table), table] : [localTable(table)]
    return tables.map((each) => `ALTER TABLE ${database}.${each}${onCluster}${change}`)
  }
  if (placementOf(table) === undefined)
    throw unsupportedMigration(
      name,
      `alters ${table}, whose placement is missing in src/clickhouse/connection/table-topology.ts`,
    )
  // All nodes are replicas of this table, and one node replicates the change to the others; ON CLUSTER would make them conflict. A setting is not replicated.
  return [`ALTER TABLE ${database}.${table}${/^\s+MODIFY SETTING\b/.test(change) ? onCluster : ''}${change}`]
}

function unsupportedMigration(name: string, problem: string): StartFailure {
  return new StartFailure(
    `The migration ${name} ${problem} and cannot be applied to a cluster. Add support for it to src/clickhouse/schema/cluster-ddl.ts.`,
  )
}
