/**
 * The ClickHouse engine for tests, embedded and over HTTP. A process can open one data directory only, so all test files of a run share one embedded engine and use databases
 * of their own.
 */
import { readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Store } from '../../../src/clickhouse/connection/store-connection.ts'
import { connectServerStore } from '../../../src/clickhouse/connection/server/server-store.ts'
import { connectEmbeddedStore } from '../../../src/clickhouse/connection/embedded-store.ts'
import { type ClickHouseEventStore, createEventStore } from '../../../src/clickhouse/write/event-store.ts'
import { migrate } from '../../../src/clickhouse/schema/migrate.ts'
import { readMigrations } from '../../../src/host/project-files.ts'
import { startClickHouseFront } from '../clickhouse-front/start.ts'
import { IS_FULL } from '../base/depth.ts'
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

/** The embedded engine, before the migrations. */
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

/** The official client over HTTP to an engine in another process, before the migrations. */
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

/** Both kinds of stores, for tests that run on each. */
export const STORE_PATHS = [
  ['embedded engine', openEmbeddedStore],
  ['server over HTTP', openServerStore],
] as const

/** For tests whose subject is the engine itself, whichever way it is reached. */
export const ENGINE_PATHS = IS_FULL ? STORE_PATHS : [STORE_PATHS[0]]

/** Applies the project's migrations and opens the event store. */
export async function migrated({ store, database }: TestStore): Promise<ClickHouseEventStore> {
  await migrate(store.admin, database, readMigrations(), silentLogger)
  const events = createEventStore(store)
  await events.open()
  return events
}

export const PROJECTIONS = ['enrollments_by_day', 'totals_by_day', 'totals_by_quarter_hour'] as const
/** Those of the facts of messages, but for the one that finds the rows of a message. */
export const FACTS_PROJECTIONS = [
  'click_delays_by_day',
  'messages_by_day',
  'messages_by_quarter_hour',
  'open_delays_by_day',
] as const

/** Materialises the projections of all parts, which merges would do in time. */
export async function project({ store, database }: TestStore): Promise<void> {
  const tables = { analytics_events: PROJECTIONS, analytics_message_facts: [...FACTS_PROJECTIONS, 'by_message'] }
  for (const [table, projections] of Object.entries(tables))
    await store.maintenance.command(
      `ALTER TABLE {database:Identifier}.${table} ${projections.map((name) => `MATERIALIZE PROJECTION ${name}`).join(', ')} SETTINGS mutations_sync = 2`,
      { database },
    )
}

/** The test runner has no hook at its end, so a later run removes the directory of an earlier one. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    try {
      process.kill(Number(name.slice(PREFIX.length)), 0)
      if (name !== `${PREFIX}${process.pid}`) continue
    } catch (error) {
      // A process of another user exists, although it cannot be signalled.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue
    }
    rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
}
