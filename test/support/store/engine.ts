/**
 * The ClickHouse engine for tests, on both of the service's paths. A process can have one data directory open, so all test
 * files of a run share one embedded engine and keep apart by the name of their database.
 */
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../../src/clickhouse/connection/store-connection.ts'
import { connectServerStore } from '../../../src/clickhouse/connection/server-store.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import type { EventStore } from '../../../src/ingest/ports.ts'
import { startClickHouseFront } from '../clickhouse-front/start.ts'
import { silentLogger } from '../base/silent-logger.ts'

export interface TestStore {
  readonly store: Store
  readonly database: string
  /** The embedded engine's directory; empty for a server. */
  readonly path: string
  /** Drops the database and closes the connections. */
  close(): Promise<void>
}

const PREFIX = 'outreach-engine-'
const enginePath = join(tmpdir(), `${PREFIX}${process.pid}`)
let isSwept = false

/** The embedded engine with an empty, not yet migrated database. */
export async function openEmbeddedStore(database: string): Promise<TestStore> {
  if (!isSwept) sweep()
  isSwept = true
  const store = await connectEmbeddedStore({ path: enginePath, database, readerCount: 2 })
  return {
    store,
    database,
    path: enginePath,
    async close() {
      await store.admin.command('DROP DATABASE IF EXISTS {database:Identifier}', { database })
      await store.close()
    },
  }
}

/** The official client over HTTP, with an empty, not yet migrated database in an engine of its own process. */
async function openServerStore(database: string): Promise<TestStore> {
  const front = await startClickHouseFront()
  const store = connectServerStore({
    url: front.url,
    user: 'default',
    password: '',
    database,
    readerCount: 2,
    writer: 'test',
  })
  return {
    store,
    database,
    path: '',
    async close() {
      await store.close()
      await front.stop()
    },
  }
}

/** Both paths, for suites that hold on each. */
export const STORE_PATHS = [
  ['embedded engine', openEmbeddedStore],
  ['server over HTTP', openServerStore],
] as const

/** Applies the project's migrations and opens the event store. */
export async function migrated({ store, database }: TestStore): Promise<EventStore> {
  await migrate(store.admin, database, readMigrations(), silentLogger)
  const events = createEventStore(store)
  await events.open()
  return events
}

export const PROJECTIONS = ['enrollments_by_day', 'totals_by_day', 'totals_by_quarter_hour'] as const

/** Gives every part the projections that merges would give it in time. */
export async function project({ store, database }: TestStore): Promise<void> {
  for (const projection of PROJECTIONS)
    await store.maintenance.command(
      `ALTER TABLE {database:Identifier}.analytics_events MATERIALIZE PROJECTION ${projection} SETTINGS mutations_sync = 2`,
      { database },
    )
}

/** The runner gives no last word, so a run's directory is removed by a later one. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    try {
      process.kill(Number(name.slice(PREFIX.length)), 0)
      if (name !== `${PREFIX}${process.pid}`) continue
    } catch (error) {
      // A process of somebody else's may not be asked, but it runs.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue
    }
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
