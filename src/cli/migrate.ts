/**
 * `npm run migrate`: applies the migrations and nothing else. Exit codes: 0 when the database is up to date, 1 when it cannot be brought there, 2 for a wrong
 * configuration.
 */
import { join, resolve } from 'node:path'
import { migrate } from '../clickhouse/schema/migrate.ts'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config.ts'
import { messageOf, StoreFailure } from '../base/errors.ts'
import { CommandFailure } from '../host/connect-broker.ts'
import { runCommand } from './run-command.ts'
import { readMigrations } from '../host/project-files.ts'
import { createJsonLogger } from '../base/logger.ts'
import { openStore } from '../assembly/open-store.ts'
import { pluralise } from './pluralise.ts'
import { printError, printOut } from './output.ts'

async function applyMigrations(config: Config): Promise<number> {
  const logger = createJsonLogger({
    level: config.logLevel,
    clock: systemClock,
    write: printOut,
  })
  const enginePath = join(resolve(config.dataDir), 'clickhouse')
  const store = await openStore(config, { enginePath, writer: 'migrate', readerCount: 1 })
  try {
    const applied = await migrate(store.admin, config.clickhouseDatabase, readMigrations(), logger)
    printOut(
      applied.length === 0 ? 'The database is up to date.' : `Applied ${pluralise(applied.length, 'migration')}.`,
    )
    return 0
  } catch (error) {
    if (error instanceof StoreFailure) throw new CommandFailure(`The store does not do it: ${messageOf(error.cause)}`)
    throw error
  } finally {
    await store.close()
  }
}

process.exitCode = await runCommand(process.env, printError, applyMigrations)
