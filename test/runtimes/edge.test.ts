import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createApiKeyStore } from '../../src/clickhouse/access/api-key-store.ts'
import { readRequestAudit } from '../../src/clickhouse/access/request-audit-store.ts'
import { connectServerStore } from '../../src/clickhouse/connection/server/server-store.ts'
import { systemClock } from '../../src/base/clock.ts'
import { parseApiKeyRequest, runApiKeyCommand } from '../../src/cli/store/key-request.ts'
import { openServiceFixture, publishAndCount, type ServiceFixture } from '../support/process/service-fixture.ts'
import { startClickHouseFront } from '../support/clickhouse-front/start.ts'
import { type OpenApiDocument, withoutReferences } from '../support/openapi/document.ts'
import { type EdgeWorker, startEdgeWorker } from '../support/runtimes/edge-worker.ts'
import { askForFile } from '../support/http/file-request.ts'
import { openStream } from '../support/live/live-stream.ts'
import { publish } from '../support/broker/nats-server.ts'
import { dashboardNames } from '../support/oracle/oracle.ts'
import { DAY_MS, HOUR_MS } from '../support/oracle/zone.ts'
import { type Api, ask, type Request } from '../support/process/service.ts'
import { trafficOf } from '../support/traffic/traffic.ts'
import { until } from '../support/process/until.ts'
import { readWorkbook } from '../support/http/xlsx.ts'
import { addressOf, EXPORTED, questionsOf, REFUSED, ROOT } from './edge-questions.ts'

const WAIT_MS = 20_000
const NOW = Date.now()
const TENANT = 'tenant-1'
const FEED = trafficOf({
  seed: 7,
  tenants: [TENANT, 'org:2'],
  messages: 120,
  fromMs: NOW - 80 * DAY_MS,
  toMs: NOW + HOUR_MS,
})
/** What the runtimes say by themselves, and what another moment changes. */
const HEADERS_OF_THEIR_OWN = [
  'date',
  'content-length',
  'transfer-encoding',
  'connection',
  'x-correlation-id',
  'etag',
  'ratelimit',
  'content-encoding',
]
const headersOf = (headers: Headers) => [...headers].filter(([name]) => !HEADERS_OF_THEIR_OWN.includes(name))

describe('the edge worker, beside the service on the same server', () => {
  let fixture: ServiceFixture
  let url = ''
  let worker: EdgeWorker
  let bun: Api
  let edge: Api

  beforeAll(async () => {
    const startStore = async () => {
      const front = await startClickHouseFront()
      url = front.url
      return { env: { CLICKHOUSE_URL: url }, stop: async () => void (await front.stop()) }
    }
    fixture = await openServiceFixture({ startStore, env: { TENANT_CONCURRENT_REQUESTS: '0' } })
    bun = fixture.service()
    const { secret } = bun
    worker = await startEdgeWorker({ CLICKHOUSE_URL: url, JWT_SECRET: secret })
    edge = { baseUrl: worker.baseUrl, secret }
    await publishAndCount(fixture, FEED)
  }, 90_000)
  afterAll(async () => {
    await worker?.stop()
    await fixture?.close()
  }, 30_000)

  /** Both answers to one question; asked again when a quarter of an hour ended meanwhile, as a day may have in some zone. */
  const askBoth = async (path: string, request: Request = {}) => {
    for (;;) {
      const quarter = Math.floor(Date.now() / 900_000)
      const answers = await Promise.all([ask(bun, path, request), ask(edge, path, request)])
      if (quarter === Math.floor(Date.now() / 900_000)) return answers
    }
  }

  test.each(dashboardNames)(
    '%s has the same numbers, for every range, time zone and filter',
    async (dashboard) => {
      const questions = questionsOf(dashboard).map((query) => ({ query, tenant: TENANT }))
      for (const { query, tenant } of [...questions, { query: {}, tenant: 'nobody' }]) {
        const [expected, answer] = await askBoth(addressOf(dashboard, query), { tenant })
        expect([answer.status, answer.body?.data]).toEqual([200, expected.body?.data])
        expect(answer.body?.meta?.timezone).toBe(query.timezone ?? 'UTC')
        expect(headersOf(answer.headers)).toEqual(headersOf(expected.headers))
      }
    },
    30_000,
  )

  test.each(EXPORTED)('%s is the same export', async (dashboard) => {
    const both = async (query: string) => [
      await askForFile(bun, `/${dashboard}?${query}`, {}, { tenantId: TENANT }),
      await askForFile(edge, `/${dashboard}?${query}`, {}, { tenantId: TENANT }),
    ]
    const [expectedCsv, csv] = await both('format=csv')
    expect([csv!.status, csv!.text]).toEqual([200, expectedCsv!.text])
    expect(headersOf(csv!.headers)).toEqual(headersOf(expectedCsv!.headers))
    const [expectedXlsx, xlsx] = await both('format=xlsx')
    // The last sheet says when it was asked.
    const sheets = (bytes: Uint8Array) => readWorkbook(bytes).filter(({ name }) => name !== 'about')
    expect(sheets(xlsx!.bytes)).toEqual(sheets(expectedXlsx!.bytes))
    expect(sheets(xlsx!.bytes).length).toBeGreaterThan(1)
  })

  test.each(REFUSED)('refuses %s %j with the same message', async (path, request) => {
    const [expected, answer] = await askBoth(path, request)
    expect([answer.status, answer.body?.error]).toEqual([expected.status, expected.body?.error])
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(headersOf(answer.headers)).toEqual(headersOf(expected.headers))
  })

  test('answers HEAD, a trailing slash and a given correlation id as the service does', async () => {
    for (const [path, request] of [
      [addressOf('overview'), { method: 'HEAD' }],
      [`${ROOT}/overview/`, {}],
      ['/health/live', { authorization: '' }],
      [`${ROOT}/live`, { method: 'HEAD' }],
    ] as const) {
      const [expected, answer] = await askBoth(path, { ...request, headers: { 'x-correlation-id': 'mine' } })
      expect([answer.status, answer.body?.data]).toEqual([200, expected.body?.data])
      expect(answer.headers.get('x-correlation-id')).toBe('mine')
      expect(headersOf(answer.headers)).toEqual(headersOf(expected.headers))
    }
  })

  test('has the same API document, without tickets and the WebSocket', async () => {
    const [events, sameEvents] = await askBoth('/docs/events.json')
    expect([events.text.startsWith('{"asyncapi"'), sameEvents.text]).toEqual([true, events.text])
    const documents = (await askBoth('/docs/json')).map(({ text }) => JSON.parse(text) as OpenApiDocument)
    const [expected, answer] = documents.map(withoutReferences)
    const { [`${ROOT}/live/ws`]: _, [`${ROOT}/live/ticket`]: __, ...paths } = expected!.paths
    const { get } = paths[`${ROOT}/live`]!
    // An edge runtime has no broker, which keeps reports, schedules and alerts.
    const isServed = ([path]: [string, unknown]) => !/\/(?:reports|schedules|alerts)\b/.test(path)
    const served = Object.fromEntries(Object.entries(paths).filter(isServed))
    const live = { ...get!, parameters: get!.parameters!.filter(({ name }) => name !== 'ticket') }
    expect(answer!.paths).toEqual({ ...served, [`${ROOT}/live`]: { get: live } })
    expect(answer!.servers).toEqual([{ url: edge.baseUrl }])
    for (const path of ['/docs', '/dashboard', '/docs/assets/swagger-ui.css'])
      expect((await ask(edge, path, { authorization: '' })).body?.error?.code).toBe('NOT_FOUND')
    expect((await ask(edge, `${ROOT}/reports`)).body?.error?.code).toBe('NOT_FOUND')
    expect((await ask(edge, `${ROOT}/live?ticket=0`)).body?.error?.details?.[0]?.path).toBe('ticket')
    expect((await ask(edge, '/')).body?.data).not.toHaveProperty('page')
  })

  test('returns 304 only for unchanged responses', async () => {
    // Within a second: an answer is good for no longer.
    await until(
      async () => {
        const { headers } = await ask(edge, addressOf('traffic'))
        const again = await ask(edge, addressOf('traffic'), { headers: { 'if-none-match': headers.get('etag') ?? '' } })
        return again.status === 304 && again.text === ''
      },
      WAIT_MS,
      'an answer to be unchanged',
    )
    const stale = { 'if-none-match': 'W/"org:2/other"' }
    expect((await ask(edge, addressOf('traffic'), { headers: stale })).status).toBe(200)
  })

  test('streams a snapshot and what is stored later, and reads no more after the last client has gone', async () => {
    const tenant = 'streamer'
    const send = (count: number) =>
      publish(
        fixture.nats.url,
        Array.from({ length: count }, () => {
          const eventId = crypto.randomUUID()
          const data = { messageId: eventId, channel: 'email' }
          return ['pipeline.message.sent', { eventId, tenantId: tenant, timestamp: Date.now(), data }]
        }),
      )
    await send(3)
    const stream = await openStream(edge, { tenant })
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    const other = await openStream(edge, { tenant, query: '?channel=sms' })
    await until(() => stream.viewer.count('message_sent') === 3, WAIT_MS, 'the first events')
    await send(4)
    await until(() => stream.viewer.count('message_sent') === 7, WAIT_MS, 'the events behind them')
    const { body } = await ask(edge, addressOf('overview', { timeRange: '1d' }), { tenant })
    expect(body?.data).toMatchObject({ summary: { totalMessagesSent: 7 } })
    expect([stream.viewer.resyncs, other.viewer.counts]).toEqual([[], {}])
    stream.close()
    other.close()
    const reads = async () =>
      /query_duration_seconds_count\{dashboard="live"\} (\d+)/.exec((await ask(edge, '/metrics')).text)?.[1]
    await until(
      async () => {
        const before = await reads()
        await new Promise((resolve) => setTimeout(resolve, 1_500))
        return before !== undefined && before === (await reads())
      },
      WAIT_MS,
      'the reading to end',
    )
    const gone = await openStream(edge, { tenant, headers: { 'last-event-id': stream.viewer.lastEventId ?? '' } })
    await until(() => gone.viewer.count('message_sent') === 7, WAIT_MS, 'a stream to start over')
    expect(gone.viewer.resyncs).toEqual(['gone'])
    gone.close()
  }, 60_000)

  test('continues when requests are aborted', async () => {
    const leaving = Array.from({ length: 30 }, async (_, index) => {
      const path = index % 2 === 0 ? addressOf('campaigns', { timeRange: '90d' }) : `${ROOT}/live`
      await ask(edge, path, { signal: AbortSignal.timeout(1 + 2 * index) }).catch(() => {})
    })
    await Promise.all(leaving)
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => ask(edge, addressOf('workflows', { timeRange: '90d' }))),
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  }, 30_000)

  test('accepts API keys, and writes the audit trail', async () => {
    const access = { url, user: 'default', password: '', database: 'analytics', readerCount: 1, writer: 'test' }
    const store = connectServerStore(access)
    const command = parseApiKeyRequest({ action: 'create', tenant: TENANT, scopes: ['analytics:read'] })
    const [made] = await runApiKeyCommand(command, createApiKeyStore(store), systemClock)
    const { key, id } = made as { readonly key: string; readonly id: string }
    const [expected, answer] = await askBoth(addressOf('overview'), {
      authorization: '',
      headers: { 'x-api-key': key },
    })
    expect([answer.status, answer.body?.data]).toEqual([200, expected.body?.data])
    const wrong = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
    const refused = await ask(edge, addressOf('overview'), { authorization: '', headers: { 'x-api-key': wrong } })
    expect(refused.status).toBe(401)
    await ask(edge, addressOf('overview', { timeRange: '90d' }), { authorization: '', headers: { 'x-api-key': key } })
    const kept = async () => {
      const rows = await readRequestAudit(store.auditConnection, { tenantId: TENANT, since: NOW, limit: 10_000 })
      return rows.filter(({ subject }) => subject === `key:${id}`)
    }
    await until(async () => (await kept()).length >= 3, WAIT_MS, 'the trail to be written')
    // Once by the service, twice by the worker.
    expect((await kept()).map(({ route, parameters, status }) => [route, parameters, status])).toEqual([
      [`${ROOT}/overview`, 'timeRange=90d', 200],
      [`${ROOT}/overview`, '', 200],
      [`${ROOT}/overview`, '', 200],
    ])
    await store.close()
  }, 40_000)

  test('prints its own lines and nothing else', () => {
    const lines = worker.log().trim().split('\n')
    expect(lines.length).toBeGreaterThan(100)
    expect(lines.filter((line) => !line.startsWith('{"time":'))).toEqual([])
  })
})
