/**
 * Migrates the database: numbered SQL files with one statement each, applied in order and never reversed. Each is applied once and recorded in a ledger table with its
 * checksum. Every statement can be repeated, so that a start that was killed between a statement and its ledger entry resumes there.
 */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import { StartFailure, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { named } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { clusterStatements } from './cluster-ddl.ts'

export interface Migration {
  /** The file's name, such as `0003_create_events.sql`. */
  readonly name: string
  readonly sql: string
}

/** The first migrations create the database and the ledger. They run when the ledger cannot be read, and do nothing if both exist. */
const BOOTSTRAP_COUNT = 2
/** Error codes of the engine: unknown table, unknown database. */
const UNKNOWN_TABLE_CODES: readonly unknown[] = [60, 81]

const READ_LEDGER = named(
  'read_ledger',
  'SELECT name, argMax(checksum, applied_at) AS checksum FROM {database:Identifier}.analytics_migrations GROUP BY name',
)
const READ_LEDGER_ENGINE = named(
  'read_ledger_engine',
  `SELECT engine_full AS engine FROM system.tables WHERE database = {database:String} AND name = 'analytics_migrations'`,
)
const WRITE_LEDGER = named(
  'write_ledger',
  'INSERT INTO {database:Identifier}.analytics_migrations (name, checksum) SELECT {name:String}, {checksum:String}',
  'async_insert = 0',
)

/**
 * Applies the migrations that the ledger lacks; returns their names. Throws a StartFailure when the ledger does not fit the files: another migration under the same
 * number, a migration of a later version, or a changed file.
 */
export async function migrate(
  connection: StoreConnection,
  database: string,
  migrations: readonly Migration[],
  logger: Logger,
): Promise<string[]> {
  const ordered = [...migrations].sort((a, b) => (a.name < b.name ? -1 : 1))
  checkNumbering(ordered)
  const ledger = await readLedger(connection, database, ordered.slice(0, BOOTSTRAP_COUNT))
  checkLedger(ledger, ordered, database)
  const applied: string[] = []
  for (const [index, { name, sql }] of ordered.entries()) {
    const checksum = await sha256(sql)
    const known = ledger.get(name)
    if (known === checksum) continue
    if (known !== undefined)
      throw new StartFailure(
        `The migration ${name} was changed after it was applied. Restore the file and write the change as a new migration.`,
      )
    if (index >= BOOTSTRAP_COUNT) await runStatements(connection, database, { name, sql })
    await connection.command(WRITE_LEDGER, { database, name, checksum })
    logger.debug('migration applied', { name })
    applied.push(name)
  }
  if (applied.length > 0) logger.info('migrations applied', { count: applied.length, last: applied.at(-1) })
  return applied
}

/** Throws a StartFailure when the database was migrated by a version that this one cannot follow. */
function checkLedger(ledger: ReadonlyMap<string, string>, ordered: readonly Migration[], database: string): void {
  const unknown = [...ledger.keys()].filter((name) => !ordered.some((migration) => migration.name === name)).toSorted()
  if (unknown.length === 0) return
  const lastNumber = ordered.at(-1)!.name.slice(0, 4)
  if (unknown.some((name) => name.slice(0, 4) <= lastNumber))
    throw new StartFailure(
      `The database ${database} was created by a development version from before the first release and cannot be upgraded: delete DATA_DIR if the engine is embedded, or choose another CLICKHOUSE_DATABASE, and start again.`,
    )
  throw new StartFailure(
    `The database ${database} was migrated by a newer version (${unknown.join(', ')}): start that version.`,
  )
}

/** The checksums of the applied migrations, by name. */
async function readLedger(
  connection: StoreConnection,
  database: string,
  bootstrap: readonly Migration[],
): Promise<Map<string, string>> {
  const read = () => connection.query<{ name: string; checksum: string }>(READ_LEDGER, { database })
  let rows: { name: string; checksum: string }[]
  try {
    rows = await read()
  } catch (error) {
    if (!(error instanceof StoreFailure) || !UNKNOWN_TABLE_CODES.includes(error.engineCode)) throw error
    // Only at the first start, since a cluster statement needs every node.
    for (const migration of bootstrap) await runStatements(connection, database, migration)
    rows = await read()
  }
  await checkLedgerEngine(connection, database)
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

/** Throws a StartFailure when the tables were created for one server and CLICKHOUSE_CLUSTER names a cluster, or the reverse. */
async function checkLedgerEngine(connection: StoreConnection, database: string): Promise<void> {
  const { cluster } = connection.topology
  const [ledger] = await connection.query<{ engine: string }>(READ_LEDGER_ENGINE, { database })
  const [, name] = /^Replicated\w+\('\/clickhouse\/tables\/(\w+)\//.exec(ledger!.engine) ?? []
  if (name === cluster?.name) return
  throw new StartFailure(
    name === undefined
      ? `The database ${database} was created on one server, without CLICKHOUSE_CLUSTER: choose another CLICKHOUSE_DATABASE for the cluster.`
      : `The database ${database} was created for the cluster ${name}: set CLICKHOUSE_CLUSTER to that name.`,
  )
}

async function runStatements(connection: StoreConnection, database: string, { name, sql }: Migration): Promise<void> {
  const { cluster } = connection.topology
  try {
    if (cluster === undefined) return await connection.command(sql, { database })
    for (const statement of clusterStatements(name, sql, cluster)) await connection.command(statement)
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error
    const { kind, message, engineCode, cause } = error
    throw new StoreFailure(kind, `${name}: ${message}`, { engineCode, cause })
  }
}

function checkNumbering(ordered: readonly Migration[]): void {
  for (const [index, { name }] of ordered.entries()) {
    const number = String(index + 1).padStart(4, '0')
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || !name.startsWith(`${number}_`))
      throw new StartFailure(
        `The migration file ${name} must be named ${number}_verb_subject.sql: migrations are numbered without a gap.`,
      )
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return toHex(new Uint8Array(digest))
}
