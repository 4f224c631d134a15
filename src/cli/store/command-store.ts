import { join, resolve } from 'node:path'
import { openStore } from '../../assembly/open-store.ts'
import { systemClock } from '../../base/clock.ts'
import { CommandFailure, messageOf, StoreFailure } from '../../base/errors.ts'
import { createJsonLogger, type Logger } from '../../base/logger.ts'
import { createEventStore } from '../../clickhouse/write/event-store.ts'
import { migrate } from '../../clickhouse/schema/migrate.ts'
import type { Store } from '../../clickhouse/connection/store-connection.ts'
import type { Config } from '../../config.ts'
import { sendControlRequest } from '../../host/data-directory/control-socket.ts'
import { readMigrations } from '../../host/project-files.ts'
import { printError } from '../output.ts'
import { runStoreRequest, type StoreRequest } from './store-requests.ts'

/**
 * Executes a request and yields one object per line of output: in the running service with the embedded engine, else on the store itself. Throws a CommandFailure when the
 * request fails, or a StartFailure when the store cannot be opened.
 */
export async function* sendStoreRequest(config: Config, request: StoreRequest): AsyncGenerator<object> {
  const lines = config.clickhouseUrl === undefined ? await sendControlRequest(config.dataDir, request) : undefined
  if (lines) yield* lines
  else yield* runOnStore(config, request)
}

async function* runOnStore(config: Config, request: StoreRequest): AsyncGenerator<object> {
  const { store } = await openMigratedStore(config, request.command)
  try {
    yield* runStoreRequest(request, {
      store,
      database: config.clickhouseDatabase,
      clock: systemClock,
      isServiceRunning: config.clickhouseUrl !== undefined,
      ...(config.clickhouseUrl === undefined ? { recalculateMessages: () => recalculateMessages(store, config) } : {}),
      // A service on the same server reads its rows again after a few seconds.
      onRowsErased: () => Promise.resolve(),
    })
  } catch (error) {
    throw toCommandFailure(error)
  } finally {
    await store.close()
  }
}

async function recalculateMessages(store: Store, { classRules }: Config): Promise<void> {
  const events = createEventStore(store, { classRules })
  await events.open()
  await events.recalculateMessages(() => true)
}

/** Opens the store and applies the migrations; the caller closes the store. Rejects with a CommandFailure or a StartFailure. */
export async function openMigratedStore(
  config: Config,
  command: string,
  logger: Logger = createJsonLogger({ level: 'error', clock: systemClock, write: printError }),
): Promise<{ readonly store: Store; readonly applied: readonly string[] }> {
  const enginePath = join(resolve(config.dataDir), 'clickhouse')
  const store = await openStore(config, { enginePath, writer: command, readerCount: 1 })
  try {
    return { store, applied: await migrate(store.admin, config.clickhouseDatabase, readMigrations(), logger) }
  } catch (error) {
    await store.close()
    throw toCommandFailure(error)
  }
}

function toCommandFailure(error: unknown): unknown {
  if (!(error instanceof StoreFailure)) return error
  return new CommandFailure(`The store failed (${messageOf(error.cause ?? error)}). Try again.`)
}
