import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type Golden, goldenFiles } from '../../../support/store/cluster-golden.ts'
import { CLUSTER } from '../../../support/store/cluster-replies.ts'
import { openEmbeddedStore, type TestStore } from '../../../support/store/engine.ts'

const files = await goldenFiles()
const recorded = (name: string) => Bun.file(new URL(`../../../golden/cluster/${name}`, import.meta.url)).text()

/** No cluster can be started here, so the engine parses the statements, and files record them for review. */
describe.each(Object.entries(files))('the statements in %s', (name: string, { text, statements }: Golden) => {
  let opened: TestStore
  beforeAll(async () => {
    opened = await openEmbeddedStore('cluster_statements_test')
  }, 60_000)
  afterAll(() => opened.close(), 60_000)

  const formatByEngine = async (sql: string) => {
    const [row] = await opened.store.admin.query<{ formatted: string }>(
      'SELECT formatQuery({sql:String}) AS formatted',
      {
        sql,
      },
    )
    return row!.formatted
  }

  test('are as recorded; `bun test/support/store/cluster-golden.ts` records a wanted change', async () => {
    expect(text).toBe(await recorded(name))
  })

  test('are parsed by the engine, and run on every node if they contain ON CLUSTER', async () => {
    expect(statements.length).toBeGreaterThan(5)
    for (const statement of statements) {
      const formatted = await formatByEngine(statement)
      expect([statement, formatted.includes(`ON CLUSTER ${CLUSTER.name}`)]).toEqual([
        statement,
        statement.includes('ON CLUSTER'),
      ])
    }
  }, 60_000)

  test('control: an invalid statement is rejected', async () => {
    const broken = statements[0]!.replace(/\b(CREATE|SELECT)\b/, 'CREATE SELECT')
    expect(broken).not.toBe(statements[0]!)
    expect(await formatByEngine(broken).catch(() => 'rejected')).toBe('rejected')
  })
})

/** The name of each query and insert of the service; undefined for one without a name. */
const namesOf = (statements: readonly string[]) =>
  statements
    .filter((statement) => /^-- \w+\n\s*(?:SELECT|INSERT|WITH)\b/.test(statement))
    .map((statement) => ({
      name: /\blog_comment = '(\w+)'/.exec(statement)?.[1],
      sql: statement.replace(/^-- \w+\n/, ''),
    }))

/** Queries that read the rows of all tenants: maintenance, the consistency check, the lookups of ids and of messages by their hashes, and the check that a reader sees no rows without a tenant. */
const OF_ALL_TENANTS = [
  'check_row_policy_of_analytics_events',
  'check_row_policy_of_analytics_message_facts',
  'check_row_policy_of_analytics_names',
  'checksum_projection',
  'checksum_rows',
  'count_duplicate_ids',
  'count_events_of_messages',
  'count_rows',
  'count_stored_ids',
  'find_largest_tenants',
  'find_message_facts',
  'find_message_places',
  'find_pending_recalculations',
  'find_stored_ids',
  'find_stored_ids_at_keys',
  'has_events',
  'read_range_of_stored_ids',
]
const READS_TENANT_ROWS =
  /\bFROM\s+[\w`.{}:]*analytics_(?:events|names|surrogate_ids|message_facts|message_recalculations|request_audit)\b/
const IS_TENANT_BOUND = /tenant_id (?:= \{tenant:String\}|IN \{tenants:Array\(String\)\})/

describe('the statements of a cluster', () => {
  const service = files['service.sql']!.statements
  const ofKind = (pattern: RegExp) => service.filter((statement) => pattern.test(statement))
  const named = namesOf(service)

  test('have a name if they read or insert rows, and each name belongs to one statement', () => {
    expect(named.length).toBeGreaterThan(40)
    expect(named.filter(({ name }) => name === undefined)).toEqual([])
    const statementsByName = Map.groupBy(named, ({ name }) => name)
    for (const [name, statements] of statementsByName)
      expect([name, new Set(statements.map(({ sql }) => sql)).size]).toEqual([name, 1])
  })

  test('are bound to tenants if they read their rows, with a few exceptions', () => {
    const unbound = named.filter(({ sql }) => READS_TENANT_ROWS.test(sql) && !IS_TENANT_BOUND.test(sql))
    expect(new Set(unbound.map(({ name }) => name))).toEqual(new Set(OF_ALL_TENANTS))
  })

  test('that insert rows, except those of the request audit, wait for a quorum', () => {
    const inserts = ofKind(/^-- \w+\n\s*INSERT INTO (?!analytics_request_audit)/)
    expect(inserts.length).toBeGreaterThan(6)
    expect(inserts.filter((statement) => !/^-- (write|migration)\n/.test(statement))).toEqual([])
  })

  test('have settings with a name, whose values are in the first lines of the file', () => {
    expect(ofKind(/^-- (?!(migration|write|maintenance|read|requestAudit)\n)/)).toEqual([])
  })

  test('that read system tables of a node refer to the table that stores the rows', () => {
    const systemReads = ofKind(/FROM system\.(parts|mutations|projections|projection_parts)\b/)
    expect(systemReads.length).toBeGreaterThan(4)
    expect(systemReads.filter((statement) => /'analytics_(events|names|message_facts)'/.test(statement))).toEqual([])
  })
})
