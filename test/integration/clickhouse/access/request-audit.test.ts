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

describe.each(STORE_PATHS)('the audit trail on the %s', (_, open) => {
  test('gives a tenant’s rows back as they were, newest first, each once, since a time, up to a limit', async () => {
    const opened = await open('request_audit_test')
    await migrated(opened)
    const { auditConnection: trail } = opened.store
    const store = createRequestAuditStore(trail)
    // A subject is text that a stranger may have written: nothing in it may become SQL, or another row.
    const nasty = rowOf(1, { subject: "o'neill \\ ); DROP TABLE x --\n\n{tenant:String}\0é😀", correlationId: '\\' })
    const rows = [rowOf(0), nasty, rowOf(2, { requests: 250_000, status: 304 }), rowOf(3, { durationMs: 0.4 })]
    await store.append([...rows, rowOf(4, { tenantId: 'b' }), rowOf(5, { tenantId: '' })])
    // An insert whose outcome nobody knew, given again.
    await store.append(rows)

    const ask = (question: object = {}) => readRequestAudit(trail, { tenantId: 'a', since: 0, limit: 100, ...question })
    expect(await ask()).toEqual([{ ...rows[3]!, durationMs: 0 }, rows[2]!, nasty, rows[0]!])
    expect((await ask({ since: rows[2]!.requestedAt })).map(({ correlationId }) => correlationId)).toEqual([
      'c-3',
      'c-2',
    ])
    expect((await ask({ limit: 1 })).map(({ correlationId }) => correlationId)).toEqual(['c-3'])
    expect((await ask({ tenantId: '' })).map(({ correlationId }) => correlationId)).toEqual(['c-5'])
    await opened.close()
  }, 60_000)

  test('takes the largest batch there is in one insert, and so as one part', async () => {
    const opened = await open('request_audit_test')
    await migrated(opened)
    const { auditConnection: trail } = opened.store
    const wide = { subject: '漢'.repeat(128), parameters: 'x'.repeat(300), correlationId: 'c'.repeat(128) }
    const rows = Array.from({ length: 6_000 }, () => rowOf(0, { ...wide, id: crypto.randomUUID(), requestedAt: NOW }))
    await createRequestAuditStore(trail).append(rows)
    const [parts] = await opened.store.admin.query<{ parts: string; rows: string }>(
      `SELECT toString(uniqExact(_part)) AS parts, toString(count()) AS rows FROM request_audit_test.analytics_request_audit`,
    )
    expect(parts).toEqual({ parts: '1', rows: '6000' })
    await opened.close()
  }, 60_000)
})
