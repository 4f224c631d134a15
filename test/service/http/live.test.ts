import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type ServiceFixture, openServiceFixture, untilSettled } from '../../support/process/service-fixture.ts'
import { askTicket, bearer, type OpenStream, openSocket, openStream } from '../../support/live/live-stream.ts'
import type { LiveViewer } from '../../support/live/live-viewer.ts'
import { type Message, publish } from '../../support/broker/nats-server.ts'
import { until } from '../../support/process/until.ts'

const PATH = '/api/v1/analytics/live'
const MAX_CLIENTS = 6
const WAIT_MS = 20_000
const COUNTED = ['sent', 'delivered', 'opened'] as const

let made = 0
const message = (tenantId: string, fields: { kind?: string; channel?: string; campaignId?: string } = {}): Message => {
  const { kind = COUNTED[made % 3]!, channel = 'email', campaignId = 'c-1' } = fields
  const data = { messageId: `m-${made}`, channel, campaignId }
  return [`pipeline.message.${kind}`, { eventId: `e-${made++}`, tenantId, timestamp: Date.now(), data }]
}
const messages = (count: number, ...how: Parameters<typeof message>) =>
  Array.from({ length: count }, () => message(...how))

describe('the live stream', () => {
  let fixture: ServiceFixture
  const open: { close(): void }[] = []
  beforeAll(async () => {
    fixture = await openServiceFixture({ env: { LIVE_CLIENTS_PER_TENANT: String(MAX_CLIENTS) } })
  }, 90_000)
  afterAll(async () => {
    for (const each of open) each.close()
    await fixture?.close()
  }, 30_000)

  const opened = async (...how: Parameters<typeof openStream> extends [unknown, ...infer Rest] ? Rest : never) => {
    const stream = await openStream(fixture.service(), ...how)
    open.push(stream)
    return stream
  }
  /** Sent, delivered and opened messages on the dashboard. */
  const rest = async (tenant: string, query = '') => {
    const { body } = await fixture.service().get(`/api/v1/analytics/messages?timeRange=1d${query}`, { tenant })
    const data = body?.data as { summary: Record<string, number> } | undefined
    return COUNTED.map((name) => data?.summary[name] ?? 0)
  }
  const live = (viewer: LiveViewer, channels = ['email', 'sms']) =>
    COUNTED.map((name) => channels.reduce((sum, channel) => sum + viewer.count(`message_${name}`, channel), 0))
  /** Waits for quiet, then until the stream has the same counts as REST. */
  const untilEqual = async (viewer: LiveViewer, tenant: string, query = '') => {
    await untilSettled(fixture.nats.url)
    const expected = await rest(tenant, query)
    await until(
      () => JSON.stringify(live(viewer)) === JSON.stringify(expected),
      WAIT_MS,
      `the stream to tell ${expected.join()}`,
    )
    return expected
  }

  test('sends a snapshot, then what is added: at rest the counts are those of the dashboard, for each tenant its own', async () => {
    await publish(fixture.nats.url, messages(30, 'tenant-1'))
    await untilSettled(fixture.nats.url)
    const one = await opened()
    expect([one.status, one.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(one.headers.get('cache-control')).toContain('no-transform')
    await untilEqual(one.viewer, 'tenant-1')
    const other = await opened({ tenant: 'tenant-2' })
    const late: OpenStream[] = []
    for (let round = 0; round < 8; round++) {
      const repeated = messages(5, 'tenant-1')
      await publish(fixture.nats.url, [
        ...messages(40, 'tenant-1'),
        ...repeated,
        ...repeated,
        ...messages(3, 'tenant-2'),
      ])
      if (round % 3 === 0) late.push(await opened())
    }
    expect(await untilEqual(one.viewer, 'tenant-1')).toEqual([130, 130, 130])
    for (const { viewer } of late) await untilEqual(viewer, 'tenant-1')
    expect((await untilEqual(other.viewer, 'tenant-2')).reduce((sum, count) => sum + count)).toBe(24)
    expect([one, other, ...late].flatMap(({ viewer }) => viewer.resyncs)).toEqual([])
    for (const each of [one, other, ...late]) each.close()
  }, 60_000)

  test('continues after the message of Last-Event-ID, and starts over for an unknown one', async () => {
    const tenant = 'resumer'
    const first = await opened({ tenant })
    await publish(fixture.nats.url, messages(9, tenant))
    await untilEqual(first.viewer, tenant)
    first.close()
    await publish(fixture.nats.url, messages(9, tenant))
    const { viewer } = first
    const headers = { 'last-event-id': viewer.lastEventId ?? '' }
    const second = await opened({ tenant, viewer, headers })
    expect(await untilEqual(viewer, tenant)).toEqual([6, 6, 6])
    expect(viewer.told.filter(({ event }) => event === 'snapshot')).toHaveLength(1)
    second.close()
    const third = await opened({ tenant, viewer, query: `?lastEventId=${viewer.lastEventId}` })
    await publish(fixture.nats.url, messages(3, tenant))
    expect(await untilEqual(viewer, tenant)).toEqual([7, 7, 7])
    third.close()
    const gone = await opened({ tenant, headers: { 'last-event-id': '0123abcd-4567.8' } })
    await untilEqual(gone.viewer, tenant)
    expect(gone.viewer.told.map(({ event }) => event)).toEqual(['resync', 'snapshot'])
    expect(gone.viewer.resyncs).toEqual(['gone'])
    gone.close()
  }, 60_000)

  test('sends only what matches its filters', async () => {
    const tenant = 'filterer'
    const [sms, campaign] = [
      await opened({ tenant, query: '?channel=sms' }),
      await opened({ tenant, query: '?campaignId=c-2&timezone=Asia/Kathmandu' }),
    ]
    await publish(fixture.nats.url, [
      ...messages(6, tenant, { channel: 'sms' }),
      ...messages(3, tenant, { campaignId: 'c-2' }),
      ...messages(3, tenant),
    ])
    expect(await untilEqual(sms.viewer, tenant, '&channel=sms')).toEqual([2, 2, 2])
    await until(() => live(campaign.viewer).join() === '1,1,1', WAIT_MS)
    for (const each of [sms, campaign]) each.close()
  }, 60_000)

  test('has the same messages as a WebSocket opened with a ticket', async () => {
    const tenant = 'socket'
    await publish(fixture.nats.url, messages(3, tenant))
    await untilSettled(fixture.nats.url)
    const service = fixture.service()
    const socket = await openSocket(service, `?ticket=${await askTicket(service, bearer(service, tenant))}`)
    open.push(socket)
    await untilEqual(socket.viewer, tenant)
    await publish(fixture.nats.url, messages(6, tenant))
    expect(await untilEqual(socket.viewer, tenant)).toEqual([3, 3, 3])
    const { lastEventId } = socket.viewer
    socket.close()
    await publish(fixture.nats.url, messages(3, tenant))
    const ticket = await askTicket(service, bearer(service, tenant))
    const again = await openSocket(service, `?ticket=${ticket}&lastEventId=${lastEventId}`, socket.viewer)
    open.push(again)
    expect(await untilEqual(again.viewer, tenant)).toEqual([4, 4, 4])
    expect(again.viewer.resyncs).toEqual([])
    again.close()
    expect(openSocket(service, `?ticket=${ticket}`)).rejects.toThrow('refused')
    expect((await service.get(`${PATH}/ws`)).status).toBe(400)
  }, 60_000)

  test('accepts a ticket once, for its tenant, and does not log it', async () => {
    const service = fixture.service()
    const ticket = await askTicket(service, bearer(service, 'ticket-holder'))
    const stream = await opened({ authorization: false, query: `?ticket=${ticket}` })
    expect(stream.status).toBe(200)
    await publish(fixture.nats.url, messages(3, 'ticket-holder'))
    await untilEqual(stream.viewer, 'ticket-holder')
    stream.close()
    expect((await opened({ authorization: false, query: `?ticket=${ticket}` })).status).toBe(401)
    expect((await opened({ authorization: false })).status).toBe(401)
    const second = await askTicket(service)
    expect((await opened({ query: `?ticket=${second}` })).status).toBe(401)
    expect(askTicket(service, bearer(service, 'tenant-1', { scope: 'other' }))).rejects.toThrow('403')
    expect((await service.get(`${PATH}/ticket`)).status).toBe(405)
    expect(service.log()).not.toContain(ticket)
  }, 60_000)

  test('refuses an invalid parameter by its name', async () => {
    for (const [query, path] of [
      ['?timeRange=2d', 'timeRange'],
      ['?granularity=day', 'granularity'],
      ['?timezone=Nowhere', 'timezone'],
      ['?startDate=2026-02-30', 'startDate'],
    ]) {
      const { status, refusal } = await opened({ query: query! })
      expect([status, refusal.includes(`"path":"${path}"`)]).toEqual([400, true])
    }
  })

  test('is refused beyond the limit of a tenant, and accepted again when another has ended', async () => {
    const tenant = 'many'
    const streams: OpenStream[] = []
    for (let count = 0; count < MAX_CLIENTS; count++) streams.push(await opened({ tenant }))
    // A HEAD request uses no slot.
    expect((await fixture.service().get(PATH, { tenant, method: 'HEAD' })).status).toBe(200)
    const refused = await opened({ tenant })
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect((await opened({ tenant: 'few' })).status).toBe(200)
    streams[0]!.close()
    await until(async () => (await opened({ tenant })).status === 200, WAIT_MS, 'a place to be free')
    for (const each of open) each.close()
    const clients = async () =>
      /^analytics_live_clients (\d+)$/m.exec((await fixture.service().get('/metrics')).text)?.[1]
    await until(async () => (await clients()) === '0', WAIT_MS, 'everybody to be gone')
  }, 60_000)

  test('counts all custom kinds of enrollments as one, whether they were stored before or after the start of the stream', async () => {
    const tenant = 'inventive'
    const enrollments = (kinds: readonly string[]) =>
      kinds.map((kind): Message => {
        const data = { enrollmentId: `enr-${made}` }
        return [
          `sequence.enrollment.${kind}`,
          { eventId: `e-${made++}`, tenantId: tenant, timestamp: Date.now(), data },
        ]
      })
    const madeUp = Array.from({ length: 400 }, (_, n) => `kind_${n}`)
    const expected = (others: number, replied: number) => ({
      'sequence_enrollment_* ': others,
      'sequence_enrollment_replied ': replied,
    })
    await publish(fixture.nats.url, enrollments([...madeUp, 'replied']))
    await untilSettled(fixture.nats.url)
    const early = await opened({ tenant })
    await until(() => early.viewer.counts !== undefined, WAIT_MS, 'a snapshot')
    expect(early.viewer.counts).toEqual(expected(400, 1))
    await publish(fixture.nats.url, enrollments([...madeUp, 'another', 'replied', 'replied']))
    const isTold = () => JSON.stringify(early.viewer.counts) === JSON.stringify(expected(801, 3))
    await until(isTold, WAIT_MS, 'the deltas')
    const late = await opened({ tenant })
    await until(() => late.viewer.counts !== undefined, WAIT_MS, 'another snapshot')
    expect(late.viewer.counts).toEqual(expected(801, 3))
    early.close()
    late.close()
  }, 60_000)

  test('ends when its token expires', async () => {
    const service = fixture.service()
    const exp = Math.ceil(Date.now() / 1000) + 2
    const authorization = bearer(service, 'short', { exp })
    const byToken = await opened({ authorization })
    const byTicket = await opened({ authorization: false, query: `?ticket=${await askTicket(service, authorization)}` })
    expect([byToken.status, byTicket.status]).toEqual([200, 200])
    await Promise.all([byToken.ended, byTicket.ended])
    expect((await opened({ authorization })).status).toBe(401)
  }, 60_000)

  test('ends at the shutdown of the service, which exits 0; the next process makes the client start over', async () => {
    const tenant = 'survivor'
    await publish(fixture.nats.url, messages(3, tenant))
    await untilSettled(fixture.nats.url)
    const service = fixture.service()
    const stream = await opened({ tenant })
    const socket = await openSocket(service, `?ticket=${await askTicket(service, bearer(service, tenant))}`)
    await untilEqual(stream.viewer, tenant)
    expect(await service.stop()).toEqual({ code: 0, signal: null })
    await Promise.all([stream.ended, socket.ended])
    await fixture.startAgain()
    const { viewer } = stream
    await opened({ tenant, viewer, headers: { 'last-event-id': viewer.lastEventId ?? '' } })
    await untilEqual(viewer, tenant)
    expect(viewer.resyncs).toEqual(['gone'])
  }, 90_000)
})
