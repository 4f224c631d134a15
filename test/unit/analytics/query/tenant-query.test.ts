import { describe, expect, test } from 'bun:test'
import { tenantQuery } from '../../../../src/analytics/query/tenant-query.ts'

const BOUND = 'FROM analytics_events WHERE tenant_id = {tenant:String}'
const make = (sql: string) => () => tenantQuery('test', sql, {})

describe('a query is made only when every table in it is bound to the tenant', () => {
  test.each([
    `SELECT count() ${BOUND}`,
    `SELECT count() ${BOUND} AND event_type = 'x'`,
    `SELECT count() ${BOUND} GROUP BY channel`,
    `SELECT count() FROM (SELECT 1 ${BOUND}) LIMIT 1`,
    `SELECT 1 ${BOUND} AND id IN (SELECT id ${BOUND} AND channel = 'x')`,
    `SELECT 1\n  FROM analytics_names\n  WHERE tenant_id = {tenant:String} AND kind = 'x'`,
  ])('%s', (sql) => {
    expect(make(sql)().sql).toBe(sql)
  })

  test.each([
    ['no table', 'SELECT 1'],
    ['no tenant', 'SELECT count() FROM analytics_events'],
    [
      'the tenant elsewhere',
      `SELECT count() FROM analytics_events WHERE channel = 'x' AND tenant_id = {tenant:String}`,
    ],
    ['another parameter', 'SELECT count() FROM analytics_events WHERE tenant_id = {other:String}'],
    ['a literal', `SELECT count() FROM analytics_events WHERE tenant_id = 'a'`],
    ['an OR', `SELECT 1 ${BOUND} OR 1`],
    ['a comparison of the comparison', `SELECT 1 ${BOUND} = 0`],
    ['a second read', `SELECT 1 ${BOUND} AND id IN (SELECT id FROM analytics_events)`],
    ['a second read, written small', `SELECT 1 ${BOUND} AND id IN (select id from analytics_events)`],
    ['a join', `SELECT 1 ${BOUND} AND id IN (SELECT id FROM x JOIN analytics_names USING id)`],
    ['a list of tables', 'SELECT 1 FROM analytics_names, analytics_events WHERE tenant_id = {tenant:String}'],
    ['an alias', 'SELECT 1 FROM analytics_events AS e WHERE e.tenant_id = {tenant:String}'],
    ['a qualified name', `SELECT 1 ${BOUND} UNION ALL SELECT 1 FROM analytics.analytics_events`],
    ['a quoted name', `SELECT 1 ${BOUND} UNION ALL SELECT 1 FROM \`analytics_events\``],
  ])('%s is refused', (_, sql) => {
    expect(make(sql)).toThrow('without the condition on its tenant')
  })
})
