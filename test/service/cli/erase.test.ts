import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'nats'
import { createAlertRecordStore } from '../../../src/nats/alerts/alert-records.ts'
import { runCli } from '../../support/process/cli.ts'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { type Answer, type RunningService, forget, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

describe('npm run erase', () => {
  let nats: NatsServer
  let service: RunningService
  beforeAll(async () => {
    nats = await startNatsServer()
    service = await startService({ natsUrl: nats.url })
  }, 60_000)
  afterAll(async () => {
    await service.kill9()
    await nats.stop()
    forget(service)
  }, 30_000)

  const erase = (...args: string[]) => runCli('erase', args, { DATA_DIR: service.dataDir })
  const event = (contactId: string, messageId: string) =>
    [
      'pipeline.message.sent',
      {
        tenantId: 'a',
        eventId: messageId,
        timestamp: new Date(Date.now() - 1_000).toISOString(),
        data: { messageId, channel: 'email', contactId },
      },
    ] as const
  const sent = async () => {
    const { body } = await service.get('/api/v1/analytics/overview', { tenant: 'a' })
    const data = body?.data as { summary: { totalMessagesSent: number } } | undefined
    return data?.summary.totalMessagesSent
  }
  /** What drill-down shows of the contacts: the statuses of their timelines, and the contacts that searches find. */
  const drillDown = async () => {
    const get = (path: string, body?: object) =>
      service.get(`/api/v1/analytics/${path}`, { tenant: 'a', ...(body && { method: 'POST', body }) })
    const [message, contact] = [await get('messages/m1'), await get('contacts/c1')]
    const messages = await get('messages/search', { messageIds: ['m1', 'm2', 'm3'] })
    const events = await get('events/search', {})
    const contactsOf = ({ body }: Answer, list: 'messages' | 'events') => {
      const data = body?.data as Readonly<Record<typeof list, readonly { contactId: string }[]>>
      return data[list].map(({ contactId }) => contactId).toSorted()
    }
    return {
      statuses: [message.status, contact.status],
      messages: contactsOf(messages, 'messages'),
      events: contactsOf(events, 'events'),
    }
  }
  const metric = async (name: string) =>
    Number(new RegExp(`^${name} (\\d+)`, 'm').exec((await service.get('/metrics')).text)?.[1] ?? 0)

  test('rejects an invalid command line', async () => {
    expect(await erase('--tenant', 'a')).toMatchObject({ code: 2, output: expect.stringContaining('--contact') })
    expect(await erase('--tenant', 'a b', '--contact', 'c')).toMatchObject({ code: 2 })
  }, 30_000)

  test('erases a contact while the service runs, and recognises its events when they are published again', async () => {
    const events = [event('c1', 'm1'), event('c1', 'm2'), event('c2', 'm3')]
    await publish(nats.url, events)
    await until(async () => (await sent()) === 3, 10_000, 'the events to show')
    const everyone = ['c1', 'c1', 'c2']
    expect(await drillDown()).toEqual({ statuses: [200, 200], messages: everyone, events: everyone })
    const { code, output } = await erase('--tenant', 'a', '--contact', 'c1')
    expect([code, JSON.parse(output)]).toEqual([
      0,
      expect.objectContaining({ tenantId: 'a', contactId: 'c1', erasedRows: 2, remainingRows: 0 }),
    ])
    expect(await sent()).toBe(1)
    expect(await drillDown()).toEqual({ statuses: [404, 404], messages: ['c2'], events: ['c2'] })
    await publish(nats.url, events)
    await until(async () => (await metric('analytics_events_duplicate_total')) === 3, 10_000, 'the duplicates')
    expect([await sent(), await metric('analytics_events_stored_total')]).toEqual([1, 3])
    // The filter still contains the ids of the erased events; the store decides, and another event may take such an id.
    await publish(nats.url, [event('c3', 'm1')])
    await until(async () => (await sent()) === 2, 10_000, 'the event with the id of an erased one')

    await service.stop()
    const again = await erase('--tenant', 'a', '--contact', 'c2')
    expect([again.code, JSON.parse(again.output)]).toEqual([0, expect.objectContaining({ erasedRows: 1 })])
    service = await startService({ natsUrl: nats.url, dataDir: service.dataDir })
    expect(await sent()).toBe(1)
  }, 60_000)

  test('erases what a tenant has defined, without the service being restarted', async () => {
    const path = '/api/v1/analytics/'
    const block = { title: 'Sent', kind: 'query', body: { metrics: ['sent'] }, chart: 'number' }
    const report = { name: 'Numbers', blocks: [block], timezone: 'UTC' }
    const detector = { kind: 'threshold', above: 1_000 }
    const rule = { name: 'Many', metric: 'sent', granularity: 'hour', detector, notify: { events: true } }
    const scope = 'analytics:read analytics:write'
    const claims = (tenant: string) => ({ tenant, claims: { scope } })
    const listed = async (tenant: string) => {
      const { body } = await service.get(`${path}reports`, claims(tenant))
      return (body?.data as { readonly reports?: object[] } | undefined)?.reports?.length
    }
    await until(async () => (await listed('a')) === 0, 10_000, 'the definitions to be read')
    const create = async (tenant: string, name: string, body: object) => {
      const created = await service.get(path + name, { ...claims(tenant), method: 'POST', body })
      expect(created.status).toBe(201)
      return (created.body!.data as { readonly id: string }).id
    }
    const connection = await connect({ servers: nats.url })
    const records = createAlertRecordStore(() => connection)
    const judged: string[] = []
    for (const tenant of ['a', 'b']) {
      await create(tenant, 'reports', report)
      judged.push(await create(tenant, 'alerts', rule))
    }
    const record = async (index: number) => (await records.read(index === 0 ? 'a' : 'b', judged[index]!))?.record
    await until(async () => (await record(0)) && (await record(1)), 60_000, 'the rules to be judged')
    const { code, output } = await runCli('erase', ['--tenant', 'a', '--definitions'], {
      DATA_DIR: service.dataDir,
      NATS_URL: nats.url,
    })
    const { alertRecords, ...erased } = JSON.parse(output) as Record<string, unknown>
    expect([code, erased]).toEqual([
      0,
      { tenant: 'a', definitions: expect.objectContaining({ report: 1, schedule: 0, alert: 1 }), deliveries: 0 },
    ])
    // The service removes the record too when it learns that the rule is gone.
    expect([0, 1]).toContain(alertRecords as number)
    expect([await record(0), await record(1)]).toEqual([undefined, expect.objectContaining({ transitions: [] })])
    await connection.close()
    await until(async () => (await listed('a')) === 0, 10_000, 'the reports to be erased')
    expect(await listed('b')).toBe(1)
  }, 90_000)
})
