/**
 * Brings the database up to the migrations: numbered files of one statement each, forward only. Each is applied once and written into a ledger with its
 * checksum; every statement can be repeated harmlessly, so that a start killed between the two goes on where it was.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { StartFailure, StoreFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { clusterStatements } from './cluster-ddl.ts'
import type { StoreConnection } from '../connection/store-connection.ts'
import { waitForMutations } from './mutations.ts'

export interface Migration {
  /** The file's name, such as `0003_create_events.sql`. */
  readonly name: string
  readonly sql: string
}

/** These make the database and the ledger itself, so they are run where there is no ledger to be read; they do nothing when both exist. */
const BOOTSTRAP_COUNT = 2
/** The engine knows no such table, or database. */
const UNKNOWN_TABLE_CODES: readonly unknown[] = [60, 81]

const UPDATE = /^UPDATE\b/m
const PROGRESS_LOG_INTERVAL_MS = 5_000

const READ_LEDGER =
  'SELECT name, argMax(checksum, applied_at) AS checksum FROM {database:Identifier}.analytics_migrations GROUP BY name'
const LEDGER_ENGINE = `
  SELECT engine_full AS engine FROM system.tables
  WHERE database = {database:String} AND name = 'analytics_migrations'`
const WRITE_LEDGER =
  'INSERT INTO {database:Identifier}.analytics_migrations (name, checksum) SELECT {name:String}, {checksum:String} SETTINGS async_insert = 0'

/** Applies what is missing; returns the names applied. Throws a StartFailure when an applied file was changed or is gone. */
export async function migrate(
  connection: StoreConnection,
  database: string,
  migrations: readonly Migration[],
  logger: Logger,
  clock: Clock = systemClock,
): Promise<string[]> {
  const ordered = [...migrations].sort((a, b) => (a.name < b.name ? -1 : 1))
  checkNumbering(ordered)
  const ledger = await readLedger(connection, database, ordered.slice(0, BOOTSTRAP_COUNT))
  const unknown = [...ledger.keys()].filter((name) => !ordered.some((migration) => migration.name === name))
  if (unknown.length > 0)
    throw new StartFailure(
      `The database has migrations this version does not know (${unknown.join(', ')}): it was used by a newer version.`,
    )
  const applied: string[] = []
  for (const [index, { name, sql }] of ordered.entries()) {
    const checksum = await sha256(sql)
    const known = ledger.get(name)
    if (known === checksum) continue
    if (known !== undefined)
      throw new StartFailure(
        `The migration ${name} was changed after it was applied. Put the file back as it was and write the change as a new migration.`,
      )
    if (index >= BOOTSTRAP_COUNT)
      await applyMigration(
        connection,
        database,
        { name, sql },
        (partsLeft) => logger.info('a migration goes on', { name, partsLeft }),
        clock,
      )
    await connection.command(WRITE_LEDGER, { database, name, checksum })
    logger.info('migration applied', { name })
    applied.push(name)
  }
  return applied
}

/** The checksums of what was applied, by name. */
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
    // Not at every start: every node of a cluster has to be there for it.
    for (const migration of bootstrap) await runStatements(connection, database, migration)
    rows = await read()
  }
  await checkLedgerEngine(connection, database)
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

/** Tables of one server are none of a cluster, and the other way around: rows would be written as nobody meant it. */
async function checkLedgerEngine(connection: StoreConnection, database: string): Promise<void> {
  const { cluster } = connection.topology
  const [ledger] = await connection.query<{ engine: string }>(LEDGER_ENGINE, { database })
  const [, name] = /^Replicated\w+\('\/clickhouse\/tables\/(\w+)\//.exec(ledger!.engine) ?? []
  if (name === cluster?.name) return
  throw new StartFailure(
    name === undefined
      ? `The database ${database} was made on one server, without CLICKHOUSE_CLUSTER: choose another one (CLICKHOUSE_DATABASE) for the cluster.`
      : `The database ${database} was made for the cluster ${name}: set CLICKHOUSE_CLUSTER to that.`,
  )
}

async function runStatements(connection: StoreConnection, database: string, { name, sql }: Migration): Promise<void> {
  const { cluster } = connection.topology
  if (cluster === undefined) return connection.command(sql, { database })
  for (const statement of clusterStatements(name, sql, cluster)) await connection.command(statement)
}

/** What writes rows anew is waited for, as what is read next relies on it; what only makes questions faster goes on in the background. */
async function applyMigration(
  connection: StoreConnection,
  database: string,
  migration: Migration,
  onProgress: (partsLeft: number) => void,
  clock: Clock,
): Promise<void> {
  await runStatements(connection, database, migration)
  if (!UPDATE.test(migration.sql)) return
  let nextAt = clock.monotonic() + PROGRESS_LOG_INTERVAL_MS
  await waitForMutations(connection, {
    database,
    commands: 'UPDATE',
    clock,
    onProgress(partsLeft) {
      if (clock.monotonic() < nextAt) return
      nextAt = clock.monotonic() + PROGRESS_LOG_INTERVAL_MS
      onProgress(partsLeft)
    },
  })
}

function checkNumbering(ordered: readonly Migration[]): void {
  for (const [index, { name }] of ordered.entries()) {
    const number = String(index + 1).padStart(4, '0')
    if (!/^\d{4}_[a-z0-9_]+\.sql$/.test(name) || !name.startsWith(`${number}_`))
      throw new StartFailure(
        `The migration file ${name} should be named ${number}_verb_subject.sql: they are numbered without a gap.`,
      )
  }
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
