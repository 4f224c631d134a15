import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createAuthenticator } from '../../../src/http/auth/authenticator.ts'
import { ApiKeyCache } from '../../../src/http/auth/api-key-cache.ts'
import type { App } from '../../../src/http/app.ts'
import { composeApp } from '../../support/app/compose-app.ts'
import { token } from '../../support/http/tokens.ts'
import { DeliveryService, TENANT } from './delivery-service.ts'

const SECRET = 'a secret of 32 bytes, no less... '
const ALL = 'analytics:read analytics:write'

let service: DeliveryService
let app: App
let scheduleId: string
beforeAll(async () => {
  service = await DeliveryService.start()
  const { clock, stores } = service
  const { deliveries } = service.delivery
  const authenticate = await createAuthenticator(
    { secret: SECRET, publicKey: undefined, jwksUrl: undefined, issuer: undefined, audience: undefined },
    new ApiKeyCache({ find: () => Promise.resolve([]) }, clock),
  )
  const { logger } = service
  app = composeApp({ clock, authenticate, logger, ...stores, deliveries, isDeliveryConfigured: true })
  service.mail.behave('gone@x.example', { at: 'recipient', code: 550, text: '5.1.1 no such user' })
  const { id } = await service.save({ recipients: ['a@x.example', 'b@x.example', 'gone@x.example'] })
  scheduleId = id
  await service.pass(
    600_000,
    async () =>
      (await service.list(id))
        .map(({ delivery }) => delivery.status)
        .toSorted()
        .join() === 'failed,sent,sent',
    'three deliveries',
  )
})
afterAll(() => service.stop())

interface Answer {
  readonly data: Record<string, unknown> & { readonly deliveries: readonly Listed[]; readonly cursor: string | null }
  readonly error: {
    readonly code: string
    readonly details?: readonly { readonly path: string; readonly message: string }[]
  }
}

interface Listed {
  readonly id: string
  readonly recipient: string
  readonly status: string
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly error: string | null
}

async function ask(method: string, path: string, body?: object, claims: { tenantId?: string; scope?: string } = {}) {
  const exp = Math.floor(Date.now() / 1_000) + 3_600
  const authorization = `Bearer ${token(SECRET, { tenantId: TENANT, exp, scope: ALL, ...claims })}`
  const response = await app.fetch(
    new Request(`http://service/api/v1/analytics/schedules/${scheduleId}${path}`, {
      method,
      headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    }),
  )
  return { status: response.status, ...((await response.json()) as Answer) }
}

describe('the deliveries of a schedule', () => {
  test('are listed page by page', async () => {
    const all = await ask('GET', '/deliveries')
    expect(all.data.deliveries).toHaveLength(3)
    expect(all.data.cursor).toBeNull()
    const gone = all.data.deliveries.find(({ recipient }) => recipient === 'gone@x.example')
    expect(gone).toMatchObject({
      scheduledFor: '2026-11-29T08:00:00.000Z',
      status: 'failed',
      attempts: 1,
      nextAttemptAt: null,
      error: '550 5.1.1 no such user',
    })
    const first = await ask('GET', '/deliveries?limit=2')
    const second = await ask('GET', `/deliveries?limit=2&cursor=${first.data.cursor}`)
    expect([...first.data.deliveries, ...second.data.deliveries]).toEqual([...all.data.deliveries])
    expect(second.data.cursor).toBeNull()
    expect((await ask('GET', '/deliveries?cursor=a%20b')).status).toBe(400)
    expect((await ask('GET', '/deliveries', undefined, { tenantId: 'tenant-2' })).status).toBe(404)
  })

  test('are sent again on request, with the data of their instant', async () => {
    const listed = (await ask('GET', '/deliveries')).data.deliveries
    const resend = (recipient: string) =>
      ask('POST', `/deliveries/${listed.find((each) => each.recipient === recipient)?.id}/resend`)
    service.mail.behave('gone@x.example', undefined)
    expect((await resend('gone@x.example')).status).toBe(200)
    expect((await resend('a@x.example')).status).toBe(200)
    await service.pass(
      600_000,
      () =>
        service.mail.receivedFor('gone@x.example').length === 1 && service.mail.receivedFor('a@x.example').length === 2,
      'the mails to be sent again',
    )
    const ids = service.mail.receivedFor('a@x.example').map(({ messageId }) => messageId)
    // Mail programs hide a second mail with the id of the first one.
    expect(new Set(ids).size).toBe(2)
    expect(new Set(service.runs)).toEqual(new Set([Date.parse('2026-11-29T08:00:00Z')]))
    expect((await ask('POST', '/deliveries/no-such/resend')).status).toBe(404)
    expect(
      (await ask('POST', `/deliveries/${listed[0]?.id}/resend`, undefined, { scope: 'analytics:read' })).status,
    ).toBe(403)
  })

  test('do not include tests, which are marked', async () => {
    const before = (await ask('GET', '/deliveries')).data.deliveries.length
    const { status, data } = await ask('POST', '/test', { recipient: 'tester@x.example' })
    expect([status, data]).toEqual([200, expect.objectContaining({ status: 'sent' })])
    expect(service.mail.receivedFor('tester@x.example')[0]?.content).toContain('Subject: =?UTF-8?Q?=5BTest=5D_Numbers')
    expect((await ask('GET', '/deliveries')).data.deliveries).toHaveLength(before)
    service.mail.behave('no@x.example', { at: 'recipient', code: 550, text: '5.1.1 no such user' })
    const refused = await ask('POST', '/test', { recipient: 'no@x.example' })
    expect([refused.status, refused.error.code]).toEqual([409, 'CONFLICT'])
    expect(refused.error.details).toEqual([{ path: 'recipient', message: '550 5.1.1 no such user' }])
    const busy = { at: 'recipient', code: 450, text: '4.2.1 <busy@x.example>: try later' } as const
    service.mail.behave('busy@x.example', busy)
    const later = await ask('POST', '/test', { recipient: 'busy@x.example' })
    expect([later.status, later.error.details?.[0]?.message]).toEqual([503, `450 ${busy.text}`])
    expect((await ask('POST', '/test', { recipient: 'no address' })).status).toBe(400)
    expect((await ask('POST', '/test', { recipient: 'me@x.example' }, { scope: 'analytics:read' })).status).toBe(403)
  })
})

describe('the unsubscribe link of a mail', () => {
  const fetchLink = (link: string, method = 'GET') =>
    app.fetch(new Request(link.replace('https://stats.example/analytics', 'http://service'), { method }))
  const linkFor = (recipient: string) => {
    const content = service.mail.receivedFor(recipient)[0]?.content ?? ''
    return /^List-Unsubscribe: <([^>]*)>/m.exec(content)?.[1] ?? ''
  }
  const recipients = async () => (await service.stores.schedules.find(TENANT, scheduleId))?.body.recipients

  test('shows a form, which changes nothing', async () => {
    const response = await fetchLink(linkFor('b@x.example'))
    expect(response.status).toBe(200)
    const page = await response.text()
    expect(page).toContain('<form method="post">')
    expect(page).not.toMatch(/src=|href=|b@x\.example/)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await recipients()).toContain('b@x.example')
  })

  test('removes its recipient by one request without a login, and no other one', async () => {
    const link = linkFor('b@x.example')
    for (const forged of [`${link}x`, link.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), link.slice(0, -1)])
      expect((await fetchLink(forged, 'POST')).status).toBe(404)
    expect(await recipients()).toContain('b@x.example')
    const response = await fetchLink(link, 'POST')
    expect([response.status, response.headers.get('set-cookie')]).toEqual([200, null])
    expect(await recipients()).toEqual(['a@x.example', 'gone@x.example'])
    expect((await fetchLink(link, 'POST')).status).toBe(200)
    // Its mail is not sent again either.
    const listed = (await ask('GET', '/deliveries')).data.deliveries.find((each) => each.recipient === 'b@x.example')
    await ask('POST', `/deliveries/${listed?.id}/resend`)
    await service.pass(
      600_000,
      async () => (await ask('GET', '/deliveries')).data.deliveries.some(({ status }) => status === 'skipped'),
      'the delivery to be skipped',
    )
    expect(service.mail.receivedFor('b@x.example')).toHaveLength(1)
  })

  test('of the last recipient disables the schedule', async () => {
    for (const recipient of ['a@x.example', 'gone@x.example']) await fetchLink(linkFor(recipient), 'POST')
    expect((await service.stores.schedules.find(TENANT, scheduleId))?.body).toMatchObject({
      recipients: [],
      enabled: false,
      disabledReason: 'Every recipient has unsubscribed.',
    })
  })

  test('is not logged, and no recipient is', () => {
    const logged = service.logger.lines.map(({ fields }) => JSON.stringify(fields))
    const tokenOfLink = linkFor('b@x.example').split('/').at(-1)!
    expect(logged.filter((line) => line.includes('/unsubscribe/:token')).length).toBeGreaterThan(0)
    expect(logged.filter((line) => line.includes(tokenOfLink) || line.includes('@x.example'))).toEqual([])
  })
})
