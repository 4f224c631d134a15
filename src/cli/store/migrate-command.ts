import type { Command } from 'commander'
import { systemClock } from '../../base/clock.ts'
import { createJsonLogger } from '../../base/logger.ts'
import type { Config } from '../../config.ts'
import { sendControlRequest } from '../../host/data-directory/control-socket.ts'
import { createCommand, EXIT_DONE, runTask } from '../command.ts'
import { pluralise } from '../format.ts'
import { printOut } from '../output.ts'
import { openMigratedStore } from './command-store.ts'

export function migrateCommand(): Command {
  return createCommand(
    'migrate',
    'Applies the migrations and nothing else. The service also applies them at its start.',
  ).action(() =>
    runTask(async (config) => {
      const applied = (await isMigratedByService(config)) ? [] : await applyMigrations(config)
      printOut(
        applied.length === 0 ? 'The database is up to date.' : `Applied ${pluralise(applied.length, 'migration')}.`,
      )
      return EXIT_DONE
    }),
  )
}

/** Whether a service has the embedded engine open, whose migrations it has applied. Rejects with a CommandFailure while it is starting. */
async function isMigratedByService(config: Config): Promise<boolean> {
  if (config.clickhouseUrl !== undefined) return false
  const lines = await sendControlRequest(config.dataDir, { command: 'migrate' })
  if (!lines) return false
  for await (const _ of lines);
  return true
}

async function applyMigrations(config: Config): Promise<readonly string[]> {
  const logger = createJsonLogger({ level: config.logLevel, clock: systemClock, write: printOut })
  const { store, applied } = await openMigratedStore(config, 'migrate', logger)
  await store.close()
  return applied
}
