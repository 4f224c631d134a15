import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { StartFailure } from '../../../../src/base/errors.ts'
import { type Migration, migrate } from '../../../../src/clickhouse/schema/migrate.ts'
import { EVENT_COLUMNS, METADATA_COLUMNS, STORE_COLUMNS } from '../../../../src/events/columns.ts'
import { readMigrations } from '../../../../src/host/project-files.ts'
import { ENGINE_PATHS, type TestStore } from '../../../support/store/engine.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'

const STARTING_MS = 30_000
const ALL = readMigrations().toSorted((a, b) => (a.name < b.name ? -1 : 1))
const NAMES = ALL.map(({ name }) => name)
const NEXT = String(ALL.length + 1).padStart(4, '0')
const ADDED: Migration = {
  name: `${NEXT}_create_extra.sql`,
  sql: 'CREATE TABLE IF NOT EXISTS {database:Identifier}.extra (n UInt8) ENGINE = MergeTree ORDER BY n',
}

describe.each(ENGINE_PATHS)('migrations on the %s', (_, open) => {
  let opened: TestStore
  const databases: string[] = []
  beforeAll(async () => {
    opened = await open('migrate_test')
  }, STARTING_MS)
  afterAll(async () => {
    for (const database of databases) await opened.store.admin.command(`DROP DATABASE IF EXISTS ${database}`)
    await opened.close()
  }, STARTING_MS)

  /** A new database for one test. */
  function newDatabase(): string {
    const name = `migrate_test_${databases.length}`
    databases.push(name)
    return name
  }
  const apply = (name: string, migrations: readonly Migration[]) =>
    migrate(opened.store.admin, name, migrations, silentLogger)
  const ledger = async (name: string) => {
    const rows = await opened.store.admin.query<{ name: string }>(
      `SELECT name FROM ${name}.analytics_migrations ORDER BY name`,
    )
    return rows.map((row) => row.name)
  }
  const failure = async (attempt: Promise<unknown>) => {
    const error: unknown = await attempt.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StartFailure)
    return (error as StartFailure).message
  }

  test('are applied once, in order, and recorded in the ledger; a second start applies none', async () => {
    const name = newDatabase()
    expect(await apply(name, ALL.toReversed())).toEqual(NAMES)
    expect(await ledger(name)).toEqual(NAMES)
    expect(await apply(name, ALL)).toEqual([])
    expect(await ledger(name)).toEqual(NAMES)
  })

  test('create the events table with the columns of the column table', async () => {
    const name = newDatabase()
    await apply(name, ALL)
    const columns = await opened.store.admin.query<{ name: string; type: string }>(
      `SELECT name, type FROM system.columns WHERE database = '${name}' AND table = 'analytics_events' ORDER BY name`,
    )
    const expected = [...EVENT_COLUMNS, ...STORE_COLUMNS, ...METADATA_COLUMNS].map((column) => ({ ...column }))
    expect(columns).toEqual(expected.toSorted((a, b) => (a.name < b.name ? -1 : 1)))
  })

  test('that are new are applied to a database that has the others, and keep its rows', async () => {
    const name = newDatabase()
    await apply(name, ALL)
    await opened.store.admin.command(
      `INSERT INTO ${name}.analytics_events (id, tenant_id, occurred_at) SELECT generateUUIDv4(), 'kept', now64(3)`,
    )
    expect(await apply(name, [...ALL, ADDED])).toEqual([ADDED.name])
    expect(await opened.store.admin.query<object>(`SELECT tenant_id FROM ${name}.analytics_events`)).toEqual([
      { tenant_id: 'kept' },
    ])
    expect(await opened.store.admin.query<object>(`SELECT n FROM ${name}.extra`)).toEqual([])
  })

  test('resume when a start was killed between a statement and its ledger entry', async () => {
    const name = newDatabase()
    for (const { sql } of ALL.slice(0, 3)) await opened.store.admin.command(sql, { database: name })
    await opened.store.admin.command(
      `INSERT INTO ${name}.analytics_events (id, tenant_id, occurred_at) SELECT generateUUIDv4(), 'kept', now64(3)`,
    )
    expect(await apply(name, ALL)).toEqual(NAMES)
    expect(await opened.store.admin.query<object>(`SELECT tenant_id FROM ${name}.analytics_events`)).toEqual([
      { tenant_id: 'kept' },
    ])
    expect(await apply(name, ALL)).toEqual([])
  })

  test('that fail leave no ledger entry and are retried at the next start', async () => {
    const name = newDatabase()
    const broken = { ...ADDED, sql: ADDED.sql.replace('UInt8', 'NoSuchType') }
    const error = await apply(name, [...ALL, broken]).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ engineCode: 50, message: expect.stringContaining(`${broken.name}: `) })
    expect(await ledger(name)).toEqual(NAMES)
    expect(await apply(name, [...ALL, ADDED])).toEqual([ADDED.name])
  })

  test('that were changed after they were applied prevent the start, with a message that says what to do', async () => {
    const name = newDatabase()
    await apply(name, ALL)
    for (const changed of [0, 2]) {
      const migrations = ALL.map((one, index) => (index === changed ? { ...one, sql: `${one.sql}\n-- changed` } : one))
      expect(await failure(apply(name, migrations))).toContain(`${NAMES[changed]} was changed after it was applied`)
    }
    expect(await ledger(name)).toEqual(NAMES)
  })

  test('of a newer version in the ledger prevent the start before any is applied', async () => {
    const name = newDatabase()
    await apply(name, [...ALL, ADDED])
    const message = await failure(apply(name, ALL))
    expect(message).toContain('newer version')
    expect(message).toContain(ADDED.name)
  })

  test('of a development version in the ledger prevent the start, with a message that says what to do', async () => {
    const name = newDatabase()
    // One number that is used by another migration today, and one above all numbers in use.
    const former = ['0006_add_counts_projection.sql', '0015_create_members.sql']
    await apply(name, ALL.slice(0, 2))
    for (const migration of former)
      await opened.store.admin.command(
        `INSERT INTO ${name}.analytics_migrations (name, checksum) VALUES ('${migration}', '')`,
      )
    expect(await failure(apply(name, ALL))).toBe(
      `The database ${name} was created by a development version from before the first release and cannot be upgraded: delete DATA_DIR if the engine is embedded, or choose another CLICKHOUSE_DATABASE, and start again.`,
    )
    expect(await ledger(name)).toEqual([...NAMES.slice(0, 2), ...former])
  })

  test.each([
    ['a gap', ALL.filter((_one, index) => index !== 1)],
    ['a number twice', [...ALL, { ...ADDED, name: '0001_create_extra.sql' }]],
    ['no number', [...ALL, { ...ADDED, name: 'create_extra.sql' }]],
    ['capital letters', [...ALL, { ...ADDED, name: `${NEXT}_Create_Extra.sql` }]],
  ])('with %s in their numbering are rejected before any is applied', async (_title, migrations) => {
    const name = newDatabase()
    expect(await failure(apply(name, migrations))).toContain('numbered without a gap')
    expect(await opened.store.admin.query<object>(`SELECT 1 FROM system.databases WHERE name = '${name}'`)).toEqual([])
  })
})

test('every migration is one statement', () => {
  for (const { sql } of ALL) expect(sql.replace(/--.*$/gm, '').trim()).not.toContain(';')
})
