import { describe, expect, test } from 'bun:test'
import {
  createRequestAuditStore,
  readRequestAudit,
  type RequestAuditRow,
} from '../../../../src/clickhouse/access/request-audit-store.ts'
import { migrated, STORE_PATHS } from '../../../support/store/engine.ts'

const NOW = Date.now()

const rowOf = (index: number, fields: Partial<RequestAuditRow> = {}): RequestAuditRow => ({
  id: `00000000-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
  requestedAt: NOW - 10_000 + index,
  tenantId: 'a',
  subject: 'developer',
  route: '/api/v1/analytics/overview',
  parameters: 'limit&timeRange=30d',
  status: 200,
  durationMs: 12,
  correlationId: `c-${index}`,
  requests: 1,
  ...fields,
})

describe.each(STORE_PATHS)('the request audit on the %s', (_, open) => {
  test('returns the rows of a tenant unchanged, newest first, each once, from a time on and up to a limit', async () => {
    const opened = await open('request_audit_test')
    await migrated(opened)
    const { auditConnection } = opened.store
    const store = createRequestAuditStore(auditConnection)
    // A subject is external text, which must not become SQL or another row.
    const nasty = rowOf(1, { subject: "o'neill \\ ); DROP TABLE x --\n\n{tenant:String}\0é😀", correlationId: '\\' })
    const rows = [rowOf(0), nasty, rowOf(2, { requests: 250_000, status: 304 }), rowOf(3, { durationMs: 0.4 })]
    await store.append([...rows, rowOf(4, { tenantId: 'b' }), rowOf(5, { tenantId: '' })])
    // A repeated insert after an unknown outcome.
    await store.append(rows)

    const read = (query: object = {}) =>
      readRequestAudit(auditConnection, { tenantId: 'a', since: 0, limit: 100, ...query })
    expect(await read()).toEqual([{ ...rows[3]!, durationMs: 0 }, rows[2]!, nasty, rows[0]!])
    expect((await read({ since: rows[2]!.requestedAt })).map(({ correlationId }) => correlationId)).toEqual([
      'c-3',
      'c-2',
    ])
    expect((await read({ limit: 1 })).map(({ correlationId }) => correlationId)).toEqual(['c-3'])
    expect((await read({ tenantId: '' })).map(({ correlationId }) => correlationId)).toEqual(['c-5'])
    await opened.close()
  }, 60_000)

  test('stores the largest batch with one insert, as one part', async () => {
    const opened = await open('request_audit_test')
    await migrated(opened)
    const { auditConnection } = opened.store
    const wide = { subject: '漢'.repeat(128), parameters: 'x'.repeat(300), correlationId: 'c'.repeat(128) }
    const rows = Array.from({ length: 6_000 }, () => rowOf(0, { ...wide, id: crypto.randomUUID(), requestedAt: NOW }))
    await createRequestAuditStore(auditConnection).append(rows)
    const [parts] = await opened.store.admin.query<{ parts: string; rows: string }>(
      `SELECT toString(uniqExact(_part)) AS parts, toString(count()) AS rows FROM request_audit_test.analytics_request_audit`,
    )
    expect(parts).toEqual({ parts: '1', rows: '6000' })
    await opened.close()
  }, 60_000)
})
