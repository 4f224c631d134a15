import { describe, expect, test } from 'bun:test'
import { clusterStatements } from '../../../../src/clickhouse/schema/cluster-ddl.ts'
import { placementOf } from '../../../../src/clickhouse/connection/table-topology.ts'
import { StartFailure } from '../../../../src/base/errors.ts'
import { MIGRATIONS } from '../../../support/store/cluster-golden.ts'
import { CLUSTER } from '../../../support/store/cluster-replies.ts'

const statements = (sql: string) => clusterStatements('9999_verb_subject.sql', sql, CLUSTER)
const ON = 'ON CLUSTER `analytics_cluster`'
const DB = '{database:Identifier}'

describe('each migration', () => {
  test.each(MIGRATIONS.map(({ name, sql }) => [name, sql] as const))('%s can be applied to a cluster', (name, sql) => {
    const translated = clusterStatements(name, sql, CLUSTER)
    expect(translated.length).toBeGreaterThan(0)
    expect(translated.filter((statement) => /\{\w+:\w+\}/.test(statement))).toEqual([])
    expect(translated.filter((statement) => !statement.includes(ON))).toEqual([])
  })

  test('creates only tables with a defined placement', () => {
    const created = MIGRATIONS.flatMap(({ sql }) => /^CREATE TABLE .*\.(\w+)$/m.exec(sql)?.[1] ?? [])
    expect(created.length).toBeGreaterThan(5)
    expect(created.filter((table) => placementOf(table) === undefined)).toEqual([])
  })
})

describe('a later migration', () => {
  test('that adds a column adds it to the table with the rows and then to the distributed table', () => {
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

  test('of a fully replicated table is run on one node; a setting is changed on each node', () => {
    expect(statements(`ALTER TABLE ${DB}.analytics_api_keys ADD COLUMN IF NOT EXISTS x UInt8`)).toEqual([
      'ALTER TABLE `analytics`.analytics_api_keys ADD COLUMN IF NOT EXISTS x UInt8',
    ])
    expect(statements(`ALTER TABLE ${DB}.analytics_api_keys MODIFY SETTING ttl_only_drop_parts = 1`)).toEqual([
      `ALTER TABLE \`analytics\`.analytics_api_keys ${ON} MODIFY SETTING ttl_only_drop_parts = 1`,
    ])
  })

  test.each([
    [
      'a table without a placement',
      `CREATE TABLE IF NOT EXISTS ${DB}.analytics_new\n(\n n UInt8\n)\nENGINE = MergeTree\nORDER BY n`,
    ],
    [
      'an engine without replication',
      `CREATE TABLE IF NOT EXISTS ${DB}.analytics_names\n(\n n UInt8\n)\nENGINE = Memory`,
    ],
    ['a change of a table without a placement', `ALTER TABLE ${DB}.analytics_new ADD COLUMN IF NOT EXISTS x UInt8`],
    ['a mutation of rows', `ALTER TABLE ${DB}.analytics_events UPDATE channel = lower(channel) WHERE 1`],
    ['a column without IF NOT EXISTS', `ALTER TABLE ${DB}.analytics_events ADD COLUMN x UInt8`],
    ['an unsupported change', `ALTER TABLE ${DB}.analytics_events MODIFY TTL occurred_at + INTERVAL 1 YEAR`],
    ['an insert', `INSERT INTO ${DB}.analytics_names (id) SELECT 'x'`],
    ['a dropped table', `DROP TABLE IF EXISTS ${DB}.analytics_names SYNC`],
    ['a view', `CREATE MATERIALIZED VIEW ${DB}.analytics_view TO ${DB}.analytics_names AS SELECT 1`],
  ])('in an unsupported form is rejected with its name: %s', (_, sql) => {
    expect(() => statements(sql)).toThrow(StartFailure)
    expect(() => statements(sql)).toThrow('9999_verb_subject.sql')
  })
})
