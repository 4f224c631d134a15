/**
 * `npm run erase -- --tenant T --contact C`: erases what happened to a contact and prints a receipt, as JSON. Exit codes: 0 erased, 1 the store does not do it (to be
 * repeated), 2 for a wrong command line or configuration.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { eraseContact } from '../clickhouse/access/erase-contact.ts'
import { migrate } from '../clickhouse/schema/migrate.ts'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config.ts'
import { messageOf, StoreFailure } from '../base/errors.ts'
import { CommandFailure } from '../host/connect-broker.ts'
import { runCommand, UsageError } from './run-command.ts'
import { readMigrations } from '../host/project-files.ts'
import { createJsonLogger } from '../base/logger.ts'
import { openStore } from '../assembly/open-store.ts'
import { isTenantId } from '../base/tenant-id.ts'
import { printError, printOut } from './output.ts'

const USAGE = `Usage: npm run erase -- --tenant T --contact C

Erases every event of the contact up to now, from all that is counted too, and keeps the same events from being stored
again. With the embedded engine the service has to be stopped for it. What the broker still holds of them (the stream,
dead letters, delayed events) goes by the broker's own limits.`

function readCommandLine(args: readonly string[]): { tenant: string; contact: string } | 'help' {
  const options = { tenant: { type: 'string' }, contact: { type: 'string' }, help: { type: 'boolean' } } as const
  let values: { tenant?: string; contact?: string; help?: boolean }
  try {
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n\n${USAGE}`)
  }
  const { tenant, contact = '', help } = values
  if (help) return 'help'
  if (!isTenantId(tenant) || contact === '')
    throw new UsageError(`--tenant and --contact name whose events to erase.\n\n${USAGE}`)
  return { tenant, contact }
}

async function erase(config: Config): Promise<number> {
  const command = readCommandLine(process.argv.slice(2))
  if (command === 'help') {
    printOut(USAGE)
    return 0
  }
  const database = config.clickhouseDatabase
  const enginePath = join(resolve(config.dataDir), 'clickhouse')
  const store = await openStore(config, { enginePath, writer: 'erase', readerCount: 1 })
  try {
    await migrate(
      store.admin,
      database,
      readMigrations(),
      createJsonLogger({ level: 'error', clock: systemClock, write: printError }),
    )
    const receipt = await eraseContact(store, command.tenant, command.contact, {
      database,
      clock: systemClock,
      isServiceRunning: config.clickhouseUrl !== undefined,
    })
    printOut(JSON.stringify({ ...receipt, erasedAt: new Date(receipt.erasedAt).toISOString() }, null, 2))
    return receipt.remainingRows === 0 ? 0 : 1
  } catch (error) {
    if (error instanceof StoreFailure)
      throw new CommandFailure(`The store does not do it, try again: ${messageOf(error.cause)}`)
    throw error
  } finally {
    await store.close()
  }
}

process.exitCode = await runCommand(process.env, printError, erase)
