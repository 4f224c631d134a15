/**
 * `npm run keys -- create | list | revoke`: API keys, one JSON object a line. Exit codes: 0 done, 1 no such key or no store, 2 for a wrong command line or
 * configuration.
 */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createApiKeyStore } from '../clickhouse/access/api-key-store.ts'
import { migrate } from '../clickhouse/schema/migrate.ts'
import { systemClock } from '../base/clock.ts'
import type { Config } from '../config.ts'
import { messageOf, StoreFailure } from '../base/errors.ts'
import { CommandFailure } from '../host/connect-broker.ts'
import { runCommand, UsageError } from './run-command.ts'
import { sendControlRequest } from '../host/data-directory/control-socket.ts'
import { readMigrations } from '../host/project-files.ts'
import { SCOPES } from '../http/auth/scopes.ts'
import {
  type ApiKeyCommand,
  ApiKeyRequestError,
  type ApiKeyRequest,
  parseApiKeyRequest,
  runApiKeyCommand,
} from './api-key-requests.ts'
import { createJsonLogger } from '../base/logger.ts'
import { openStore } from '../assembly/open-store.ts'
import { printError, printOut } from './output.ts'

const USAGE = `Usage: npm run keys -- create --tenant T --scope S [--scope S …] [--expires 90d]
       npm run keys -- list [--tenant T]
       npm run keys -- revoke ID

Scopes: ${SCOPES.join(', ')} (admin includes the other two). A key without --expires is good until it is revoked.
A new key is shown once and kept nowhere: only a hash of it is stored. A revoked one is refused within seconds.`

function readCommandLine(args: readonly string[]): ApiKeyRequest | 'help' {
  const options = {
    tenant: { type: 'string' },
    scope: { type: 'string', multiple: true },
    expires: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const { help, tenant, scope, expires } = values
    const [action, id, ...rest] = positionals
    if (help || action === 'help') return 'help'
    const allowed = { create: 'tenant scope expires', list: 'tenant', revoke: '' }[action ?? ''] ?? ''
    const unsupportedOption = Object.keys(values).find((name) => !allowed.split(' ').includes(name))
    if (unsupportedOption !== undefined)
      throw new ApiKeyRequestError(`${action ?? 'Nothing'} takes no --${unsupportedOption}.`)
    if (rest.length > 0 || (action !== 'revoke' && id !== undefined))
      throw new ApiKeyRequestError(`${rest[0] ?? id} is one word too many.`)
    return { action, tenant, scopes: scope?.flatMap((names) => names.split(',')), expires, id }
  } catch (error) {
    throw new UsageError(`${messageOf(error)}\n\n${USAGE}`)
  }
}

function parseKeyCommand(request: ApiKeyRequest): ApiKeyCommand {
  try {
    return parseApiKeyRequest(request)
  } catch (error) {
    throw error instanceof ApiKeyRequestError ? new UsageError(`${error.message}\n\n${USAGE}`) : error
  }
}

async function runKeysCommand(config: Config): Promise<number> {
  const request = readCommandLine(process.argv.slice(2))
  if (request === 'help') {
    printOut(USAGE)
    return 0
  }
  const command = parseKeyCommand(request)
  // With the embedded engine a running service has the data to itself, and does it for us.
  const serviceLines =
    config.clickhouseUrl === undefined ? await sendControlRequest(config.dataDir, request) : undefined
  const lines = serviceLines ?? (await runOnStore(config, command))
  for (const line of lines) printOut(JSON.stringify(line))
  if (command.action === 'create') printError('The key is shown this once: put it where its holder finds it.')
  if (command.action === 'list' && lines.length === 0) printError('There are no keys.')
  return 0
}

async function runOnStore(config: Config, command: ApiKeyCommand): Promise<object[]> {
  const database = config.clickhouseDatabase
  const enginePath = join(resolve(config.dataDir), 'clickhouse')
  const store = await openStore(config, { enginePath, writer: 'keys', readerCount: 1 })
  try {
    const logger = createJsonLogger({ level: 'error', clock: systemClock, write: printError })
    await migrate(store.admin, database, readMigrations(), logger)
    return await runApiKeyCommand(command, createApiKeyStore(store), systemClock)
  } catch (error) {
    if (error instanceof StoreFailure)
      throw new CommandFailure(`The store does not do it, try again: ${messageOf(error.cause)}`)
    if (error instanceof ApiKeyRequestError) throw new CommandFailure(error.message)
    throw error
  } finally {
    await store.close()
  }
}

process.exitCode = await runCommand(process.env, printError, runKeysCommand)
