import { describe, expect, test } from 'bun:test'
import { clusterStatements } from '../../../src/clickhouse/schema/cluster-ddl.ts'
import { placementOf } from '../../../src/clickhouse/connection/table-topology.ts'
import { StartFailure } from '../../../src/base/errors.ts'
import { CLUSTER, MIGRATIONS } from '../../support/store/cluster-golden.ts'

const statements = (sql: string) => clusterStatements('9999_verb_subject.sql', sql, CLUSTER)
const ON = 'ON CLUSTER `analytics_cluster`'
const DB = '{database:Identifier}'

describe('every migration', () => {
  test.each(MIGRATIONS.map(({ name, sql }) => [name, sql] as const))('%s is understood', (name, sql) => {
    const told = clusterStatements(name, sql, CLUSTER)
    expect(told.length).toBeGreaterThan(0)
    expect(told.filter((statement) => /\{\w+:\w+\}/.test(statement))).toEqual([])
    expect(told.filter((statement) => !statement.includes(ON))).toEqual([])
  })

  test('creates only tables of which somebody decided where they lie', () => {
    const created = MIGRATIONS.flatMap(({ sql }) => /^CREATE TABLE .*\.(\w+)$/m.exec(sql)?.[1] ?? [])
    expect(created.length).toBeGreaterThan(5)
    expect(created.filter((table) => placementOf(table) === undefined)).toEqual([])
  })
})

describe('a later migration', () => {
  test('that adds a column adds it where the rows lie, and then where they are asked for', () => {
    expect(statements(`ALTER TABLE ${DB}.analytics_events ADD COLUMN IF NOT EXISTS x UInt8`)).toEqual([
      `ALTER TABLE \`analytics\`.analytics_events_local ${ON} ADD COLUMN IF NOT EXISTS x UInt8`,
      `ALTER TABLE \`analytics\`.analytics_events ${ON} ADD COLUMN IF NOT EXISTS x UInt8`,
    ])
  })

  test('that adds a projection adds it to the table with the rows only', () => {
    const projection = 'ADD PROJECTION IF NOT EXISTS x (SELECT tenant_id, count() GROUP BY tenant_id)'
    expect(statements(`ALTER TABLE ${DB}.analytics_events ${projection}`)).toEqual([
      `ALTER TABLE \`analytics\`.analytics_events_local ${ON} ${projection}`,
    ])
  })

  test('of a table that every node has whole is told to one node, which passes it on; a setting is told to each', () => {
    expect(statements(`ALTER TABLE ${DB}.analytics_api_keys ADD COLUMN IF NOT EXISTS x UInt8`)).toEqual([
      'ALTER TABLE `analytics`.analytics_api_keys ADD COLUMN IF NOT EXISTS x UInt8',
    ])
    expect(statements(`ALTER TABLE ${DB}.analytics_api_keys MODIFY SETTING ttl_only_drop_parts = 1`)).toEqual([
      `ALTER TABLE \`analytics\`.analytics_api_keys ${ON} MODIFY SETTING ttl_only_drop_parts = 1`,
    ])
  })

  test.each([
    [
      'a table nobody placed',
      `CREATE TABLE IF NOT EXISTS ${DB}.analytics_new\n(\n n UInt8\n)\nENGINE = MergeTree\nORDER BY n`,
    ],
    [
      'an engine that keeps no replicas',
      `CREATE TABLE IF NOT EXISTS ${DB}.analytics_names\n(\n n UInt8\n)\nENGINE = Memory`,
    ],
    ['a change of a table nobody placed', `ALTER TABLE ${DB}.analytics_new ADD COLUMN IF NOT EXISTS x UInt8`],
    ['a mutation of rows', `ALTER TABLE ${DB}.analytics_events UPDATE channel = lower(channel) WHERE 1`],
    ['a column that cannot be added twice', `ALTER TABLE ${DB}.analytics_events ADD COLUMN x UInt8`],
    ['a change that nobody thought of', `ALTER TABLE ${DB}.analytics_events MODIFY TTL occurred_at + INTERVAL 1 YEAR`],
    ['an insert', `INSERT INTO ${DB}.analytics_names (id) SELECT 'x'`],
    ['a table dropped', `DROP TABLE IF EXISTS ${DB}.analytics_names SYNC`],
    ['a view', `CREATE MATERIALIZED VIEW ${DB}.analytics_view TO ${DB}.analytics_names AS SELECT 1`],
  ])('is refused by its name where its form is not known: %s', (_, sql) => {
    expect(() => statements(sql)).toThrow(StartFailure)
    expect(() => statements(sql)).toThrow('9999_verb_subject.sql')
  })
})
