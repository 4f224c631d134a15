/**
 * `npm run migrate`: applies the migrations and nothing else. Exit codes: 0 when the database is up to date, 1 when it cannot be brought there, 2 for a wrong
 * configuration.
 */
import { join, resolve } from 'node:path'
import { connectServer } from '../clickhouse/server-store.ts'
import { connectEmbedded } from '../clickhouse/embedded-store.ts'
import { migrate } from '../clickhouse/migrate.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config.ts'
import { messageOf, StoreFailure } from '../errors.ts'
import { Hint } from '../host/broker.ts'
import { runCommand } from '../host/command.ts'
import { readMigrations } from '../host/files.ts'
import { jsonLogger } from '../logger.ts'

async function applyMigrations(config: Config): Promise<number> {
  const {
    clickhouseUrl: url,
    clickhouseUser: user,
    clickhousePassword: password,
    clickhouseDatabase: database,
  } = config
  const logger = jsonLogger({
    level: config.logLevel,
    clock: systemClock,
    write: (line) => process.stdout.write(`${line}\n`),
  })
  const store =
    url === undefined
      ? await connectEmbedded({ path: join(resolve(config.dataDir), 'clickhouse'), database, readerCount: 1 })
      : connectServer({ url, user, password, database, readerCount: 1, writer: 'migrate' })
  try {
    const applied = await migrate(store.admin, database, readMigrations(), logger)
    process.stdout.write(
      applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.length} migrations.\n`,
    )
    return 0
  } catch (error) {
    if (error instanceof StoreFailure) throw new Hint(`The store does not do it: ${messageOf(error.cause)}`)
    throw error
  } finally {
    await store.close()
  }
}

process.exitCode = await runCommand(process.env, (line) => process.stderr.write(`${line}\n`), applyMigrations)
