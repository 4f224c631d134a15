import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { treaty } from '@elysiajs/eden'
import type { App } from '../../src/http/app.ts'
import { openApp, type TestApp } from '../support/app/test-app.ts'
import { token } from '../support/http/tokens.ts'

type IsAny<A> = 0 extends 1 & A ? true : false
/** True only when both types are the same and A is not `any`: only then does `true satisfies Same<…>` compile. */
type Same<A, B> = IsAny<A> extends true ? false : [A, B] extends [B, A] ? true : false

describe('a typed client', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await openApp()
  }, 60_000)
  afterAll(() => app?.close(), 30_000)

  const open = (authorization?: string) => {
    const { baseUrl, secret, fetch } = app
    const headers = { authorization: authorization ?? `Bearer ${token(secret, { tenantId: 'tenant-1' })}` }
    return treaty<App>(baseUrl, { headers, parseDate: false, fetcher: fetch as typeof globalThis.fetch }).api.v1
      .analytics
  }

  test('derived from the type of the app reads the stored events with their types', async () => {
    const data = { messageId: 'm-1', channel: 'email', templateId: 'tpl-1', templateName: 'Welcome Email' }
    const body = { eventId: 'e-1', tenantId: 'tenant-1', timestamp: new Date().toISOString(), data }
    await app.store([['pipeline.message.sent', body]])
    const { data: answer } = await open().overview.get({ query: { timeRange: '7d', timezone: 'Europe/Berlin' } })
    if (!answer) throw new Error('The overview has no data.')
    true satisfies Same<typeof answer.success, true>
    true satisfies Same<typeof answer.data.summary.totalMessagesSent, number>
    true satisfies Same<
      typeof answer.data.trend,
      { date: string; sent: number; delivered: number; opened: number; clicked: number }[]
    >
    true satisfies Same<typeof answer.meta.correlationId, string>
    expect(answer.data.summary.totalMessagesSent).toBe(1)
    expect(answer.data.byChannel['email']).toMatchObject({ sent: 1, delivered: 0, opened: 0, clicked: 0 })
    expect(answer.meta.timezone).toBe('Europe/Berlin')

    const { data: top } = await open().templates.get({ query: { limit: 5, minUsage: 1, channel: 'email' } })
    expect(top?.data.topTemplates.map(({ name, usageCount }) => [name, usageCount])).toEqual([['Welcome Email', 1]])
  })

  test('searches single events and messages, and reads one message and one contact', async () => {
    const client = open()
    const { data: found } = await client.messages.search.post({ status: ['sent'], not: ['bounced'], timeRange: '7d' })
    true satisfies Same<NonNullable<typeof found>['data']['messages'][number]['sentAt'], string | null>
    expect(found?.data.messages.map(({ messageId }) => messageId)).toEqual(['m-1'])
    const { data: events } = await client.events.search.post({ messageId: 'm-1', order: 'asc' })
    expect(events?.data.events.map(({ eventType }) => eventType)).toEqual(['message_sent'])
    const { data: message } = await client.messages({ messageId: 'm-1' }).get()
    expect(message?.data.message.templateName).toBe('Welcome Email')
    const { error } = await client.contacts({ contactId: 'nobody' }).get({ query: {} })
    expect(error?.status).toBe(404)
    // @ts-expect-error: a message cannot be read
    expect((await client.messages.search.post({ status: ['read'] })).error?.status).toBe(400)
  })

  test('asks queries, whose names the compiler checks', async () => {
    const client = open()
    const { data: answer } = await client.query.post({ metrics: ['sent', 'openRate'], dimensions: ['channel'] })
    if (!answer) throw new Error('The query has no data.')
    true satisfies Same<typeof answer.data.rowCount, number>
    true satisfies Same<(typeof answer.data.rows)[number]['values'], Record<string, number | null>>
    expect(answer.data.rows).toMatchObject([{ keys: { channel: 'email' }, values: { sent: 1, openRate: 0 } }])
    // @ts-expect-error There is no such metric.
    expect((await client.query.post({ metrics: ['shoes'] })).status).toBe(400)
    expect((await client.query.schema.get({ query: {} })).data?.data.limits['rows']).toBe(1_000)
  })

  test('has all seven dashboards and their parameters', async () => {
    const client = open()
    const statuses = await Promise.all([
      client.overview.get({ query: {} }),
      client.messages.get({ query: { granularity: 'month' } }),
      client.campaigns.get({ query: { campaignId: 'cmp-1' } }),
      client.workflows.get({ query: { workflowId: 'wf-1' } }),
      client.sequences.get({ query: { sequenceId: 'seq-1' } }),
      client.templates.get({ query: { templateId: 'tpl-1' } }),
      client.traffic.get({ query: { granularity: 'week' } }),
    ])
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 200])
  })

  test('gets an invalid value refused by the compiler and by the service', async () => {
    // @ts-expect-error: a limit is a number
    const { data, error } = await open().campaigns.get({ query: { limit: 'five' } })
    expect([data, error?.status]).toEqual([null, 400])
    // @ts-expect-error: traffic has no months
    const months = await open().traffic.get({ query: { granularity: 'month' } })
    expect(months.error?.status).toBe(400)
    // @ts-expect-error: the trend is a table of the overview
    const trend = await open().campaigns.get({ query: { format: 'csv', table: 'trend' } })
    expect(trend.error?.status).toBe(400)
  })

  test('distinguishes failures by status, each with its typed body', async () => {
    const { data, error } = await open('Bearer x.y.z').overview.get({ query: {} })
    expect(data).toBe(null)
    if (error?.status !== 401) throw new Error(`Expected 401, got ${String(error?.status)}.`)
    true satisfies Same<typeof error.value.error.code, string>
    expect(error.value.error.code).toBe('UNAUTHORIZED')
  })
})
