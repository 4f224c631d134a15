import { expect, test } from 'bun:test'
import type { AuditedRequest } from '../../../../src/http/ports.ts'
import { RequestAuditTrail } from '../../../../src/http/audit/request-audit-trail.ts'
import { lookedUpText } from '../../../../src/http/audit/looked-up.ts'
import { systemClock } from '../../../../src/base/clock.ts'
import { createServiceMetrics } from '../../../../src/base/service-metrics.ts'
import { composeApp } from '../../../support/app/compose-app.ts'
import { silentLogger } from '../../../support/base/silent-logger.ts'

test('an id is kept as a hash of the kind, the tenant and the id', async () => {
  const text = await lookedUpText('tenant-1', 'contact', 'c-1')
  const digest = new Bun.CryptoHasher('sha256').update('contact/tenant-1/c-1').digest('hex')
  expect(text).toBe(`contact=${digest.slice(0, 32)}`)
  expect(await lookedUpText('tenant-2', 'contact', 'c-1')).not.toBe(text)
})

test('the audit trail says who looked at whom, without ids', async () => {
  const rows: AuditedRequest[] = []
  const shared = { clock: systemClock, logger: silentLogger, metrics: createServiceMetrics() }
  const store = { append: (added: readonly AuditedRequest[]) => Promise.resolve(void rows.push(...added)) }
  const auditTrail = new RequestAuditTrail({ ...shared, store })
  const app = composeApp({
    auditTrail,
    port: { query: () => Promise.resolve([]) },
    authenticate: () =>
      Promise.resolve({
        tenantId: 't1',
        subject: 'reader',
        expiresAt: Infinity,
        scopes: new Set(['analytics:contacts'] as const),
      }),
  })
  const root = 'http://localhost/api/v1/analytics'
  await app.handle(new Request(`${root}/contacts/c-1`))
  await app.handle(new Request(`${root}/messages/m-1`))
  const body = JSON.stringify({ contactId: 'c-1', messageId: 'm-1' })
  const headers = { 'content-type': 'application/json' }
  await app.handle(new Request(`${root}/events/search`, { method: 'POST', body, headers }))
  await auditTrail.flush()
  const [contact, message] = [await lookedUpText('t1', 'contact', 'c-1'), await lookedUpText('t1', 'message', 'm-1')]
  expect(rows.map(({ subject, route, parameters, status }) => [subject, route, parameters, status])).toEqual([
    ['reader', '/api/v1/analytics/contacts/:contactId', contact, 404],
    ['reader', '/api/v1/analytics/messages/:messageId', message, 404],
    ['reader', '/api/v1/analytics/events/search', `${message}&${contact}`, 200],
  ])
})
