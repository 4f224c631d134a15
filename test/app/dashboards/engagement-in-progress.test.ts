import { expect, test } from 'bun:test'
import { composeApp } from '../../support/app/compose-app.ts'
import { TEST_FACTS } from '../../support/store/facts/test-facts.ts'

const ROOT = 'http://localhost/api/v1/analytics'

test('engagement is refused while the facts are being built for the first time, with the progress', async () => {
  const app = composeApp({
    authenticate: () =>
      Promise.resolve({ tenantId: 't1', subject: 'reader', expiresAt: Infinity, scopes: new Set(['analytics:read']) }),
    port: { query: () => Promise.resolve([]) },
    facts: { ...TEST_FACTS, active: { rulesNumber: undefined, progress: 0.427, rulesVersion: 1 } },
  })
  for (const dashboard of ['overview', 'messages', 'campaigns']) {
    const response = await app.handle(new Request(`${ROOT}/${dashboard}`))
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    expect(error.code).toBe('ENGAGEMENT_NOT_READY')
    expect(error.message).toContain('42 %')
  }
  expect((await app.handle(new Request(`${ROOT}/traffic`))).status).toBe(200)
})
