/**
 * `npm run audit -- --tenant T [--since 24h] [--limit N]`: who asked what, newest first, one JSON object a line. Exit codes: 0, 1 when the store cannot be asked, 2
 * for a wrong command line or configuration.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { migrate } from '../clickhouse/schema/migrate.ts'
import { readRequestAudit } from '../clickhouse/access/request-audit-store.ts'
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

const USAGE = `Usage: npm run audit -- (--tenant T | --refused) [--since 24h] [--limit N]

Prints what was asked for a tenant, newest first, one JSON object a line: who, which route, which parameters, what came of
it. --refused prints requests without good credentials, which have no tenant. --since takes minutes, hours or days (30m,
24h, 7d), --limit 1 to 100000 lines (100). Requests answered by 304 are counted together, see "requests". With the embedded
engine the service has to be stopped for it. (npm audit, without "run", is npm's own command.)`

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const MAX_LIMIT = 100_000

interface Command {
  /** Empty for refused credentials. */
  readonly tenantId: string
  readonly sinceMs: number
  readonly limit: number
}

function readCommandLine(args: readonly string[]): Command | 'help' {
  const problem = (sentence: string) => new UsageError(`${sentence}\n\n${USAGE}`)
  const options = {
    tenant: { type: 'string' },
    refused: { type: 'boolean' },
    since: { type: 'string' },
    limit: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  let values: { tenant?: string; refused?: boolean; since?: string; limit?: string; help?: boolean }
  try {
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw problem(messageOf(error))
  }
  const { tenant, refused = false, since = '24h', limit = '100', help } = values
  if (help) return 'help'
  if (refused === (tenant !== undefined) || (!refused && !isTenantId(tenant)))
    throw problem('--tenant names whose requests to print; --refused prints those of nobody.')
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(since) ?? []
  if (amount === undefined) throw problem('--since has to be a time such as 30m, 24h or 7d.')
  if (!/^[1-9]\d{0,5}$/.test(limit) || Number(limit) > MAX_LIMIT)
    throw problem(`--limit has to be a whole number from 1 to ${MAX_LIMIT}.`)
  return { tenantId: tenant ?? '', sinceMs: Number(amount) * UNIT_MS[unit!]!, limit: Number(limit) }
}

async function printRequestAudit(config: Config): Promise<number> {
  const command = readCommandLine(process.argv.slice(2))
  if (command === 'help') {
    printOut(USAGE)
    return 0
  }
  const database = config.clickhouseDatabase
  const enginePath = join(resolve(config.dataDir), 'clickhouse')
  const store = await openStore(config, { enginePath, writer: 'audit', readerCount: 1 })
  try {
    const logger = createJsonLogger({ level: 'error', clock: systemClock, write: printError })
    await migrate(store.admin, database, readMigrations(), logger)
    const { tenantId, sinceMs, limit } = command
    const rows = await readRequestAudit(store.auditConnection, { tenantId, since: systemClock.now() - sinceMs, limit })
    for (const { id: _, requestedAt, ...rest } of rows)
      printOut(JSON.stringify({ requestedAt: new Date(requestedAt).toISOString(), ...rest }))
    return 0
  } catch (error) {
    if (error instanceof StoreFailure) throw new CommandFailure(`The store cannot be asked: ${messageOf(error.cause)}`)
    throw error
  } finally {
    await store.close()
  }
}

process.exitCode = await runCommand(process.env, printError, printRequestAudit)
