import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { type ServiceFixture, openServiceFixture } from '../../support/process/service-fixture.ts'
import { type Message, publish } from '../../support/broker/nats-server.ts'
import { type MetricFamily, parsePrometheus } from '../../support/http/prometheus.ts'
import { until } from '../../support/process/until.ts'
import { dashboardNames } from '../../support/oracle/oracle.ts'

const ROOT = '/api/v1/analytics'
const CANARY = 'canary-in-a-payload'
const EVENTS = 7

const METRICS: readonly (readonly [name: string, type: string])[] = [
  ['analytics_events_received_total', 'counter'],
  ['analytics_events_stored_total', 'counter'],
  ['analytics_events_duplicate_total', 'counter'],
  ['analytics_events_dead_lettered_total', 'counter'],
  ['analytics_buffer_depth', 'gauge'],
  ['analytics_flush_size', 'histogram'],
  ['analytics_flush_duration_seconds', 'histogram'],
  ['analytics_consumer_lag_messages', 'gauge'],
  ['analytics_event_to_queryable_seconds', 'histogram'],
  ['analytics_http_request_duration_seconds', 'histogram'],
  ['analytics_query_duration_seconds', 'histogram'],
  ['analytics_actors_alive', 'gauge'],
]

const byText = (a: string, b: string) => (a < b ? -1 : 1)

/** The metrics and the log of the service after one feed and one round of requests. */
describe('telemetry', () => {
  let fixture: ServiceFixture
  let metrics: Map<string, MetricFamily>
  let lines: Record<string, unknown>[]
  let log: string
  const correlationIds = new Map<string, string>()

  beforeAll(async () => {
    fixture = await openServiceFixture()
    const service = fixture.service()
    const event = (key: string, tenantId = 'tenant-1'): Message => {
      const data = { messageId: key, channel: 'email', contactId: `${CANARY}-contact`, metadata: { text: CANARY } }
      return ['pipeline.message.sent', { eventId: key, tenantId, timestamp: new Date().toISOString(), data }]
    }
    const good = Array.from({ length: EVENTS }, (_, index) => event(`event-${index}`))
    const bad: Message[] = [
      ['pipeline.message.sent', `{"broken": "${CANARY}`],
      ['pipeline.message.sent', { tenantId: `${CANARY} with spaces`, timestamp: Date.now(), data: {} }],
    ]
    await publish(fixture.nats.url, [...good, ...bad])
    const stored = async () => parsePrometheus((await service.get('/metrics')).text)
    await until(async () => total(await stored(), 'analytics_events_stored_total') === EVENTS, 20_000, 'the events')
    await publish(fixture.nats.url, [event('event-0'), event('event-1')])
    await until(async () => total(await stored(), 'analytics_events_duplicate_total') === 2, 20_000, 'the repeats')
    for (const name of dashboardNames) {
      const { status, body } = await service.get(`${ROOT}/${name}`)
      if (status !== 200) throw new Error(`${name} answers ${status}.`)
      correlationIds.set(name, body?.meta?.correlationId ?? '')
    }
    await service.get(`${ROOT}/messages?granularity=week`)
    await service.get(`${ROOT}/campaigns?campaignId=${CANARY}-asked&bogus=${CANARY}`)
    await service.get(`${ROOT}/campaigns?campaignId=${CANARY}-asked`)
    await service.get(`${ROOT}/overview`, { authorization: `Bearer ${CANARY}.is.refused` })
    await service.get('/nothing')
    metrics = await until(
      async () => {
        const read = parsePrometheus((await service.get('/metrics')).text)
        return total(read, 'analytics_events_dead_lettered_total') === bad.length ? read : undefined
      },
      20_000,
      'the dead letters',
    )
    log = service.log()
    const logged = log.split('\n').filter((line) => line.startsWith('{'))
    lines = logged.map((line) => JSON.parse(line) as Record<string, unknown>)
  }, 90_000)
  afterAll(() => fixture?.close(), 30_000)

  const samples = (name: string) =>
    [...metrics.values()].flatMap((family) => family.samples).filter((each) => each.name === name)

  test.each(METRICS)('has the metric %s, a %s, as Prometheus text', (name, type) => {
    expect(metrics.get(name)).toMatchObject({ type, help: expect.stringMatching(/^[A-Z].+\.$/) })
    expect(metrics.get(name)?.samples.length).toBeGreaterThan(0)
  })

  test('has the content type of Prometheus text', async () => {
    const { headers } = await fixture.service().get('/metrics', { authorization: '' })
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  test('has the process metrics under their standard names', async () => {
    const { pid, get } = fixture.service()
    const openFds = readdirSync(`/proc/${pid}/fd`).length
    const read = parsePrometheus((await get('/metrics')).text)
    for (const [name, type, least, most] of [
      ['process_cpu_seconds_total', 'counter', 0.1, 1_000],
      ['process_start_time_seconds', 'gauge', Date.now() / 1000 - 600, Date.now() / 1000],
      ['process_resident_memory_bytes', 'gauge', 50e6, 4e9],
      // The number of connections varies.
      ['process_open_fds', 'gauge', openFds - 10, openFds + 10],
      ['process_max_fds', 'gauge', openFds, Infinity],
      ['nodejs_heap_size_used_bytes', 'gauge', 1e6, 1e9],
      ['nodejs_heap_size_total_bytes', 'gauge', total(read, 'nodejs_heap_size_used_bytes'), 4e9],
      ['nodejs_external_memory_bytes', 'gauge', 0, 4e9],
    ] as const) {
      expect([name, read.get(name)?.type]).toEqual([name, type])
      const value = total(read, name)
      expect([name, value, value >= least && value <= most]).toEqual([name, value, true])
    }
  })

  test('counts received, stored, duplicate and dead-lettered events, the last by reason', () => {
    expect(total(metrics, 'analytics_events_received_total')).toBe(EVENTS + 2 + 2)
    expect(total(metrics, 'analytics_events_stored_total')).toBe(EVENTS)
    expect(total(metrics, 'analytics_events_duplicate_total')).toBe(2)
    // The other reasons are present with the value 0.
    const reasons = samples('analytics_events_dead_lettered_total').filter(({ value }) => value > 0)
    expect(reasons.map(({ labels }) => labels['reason'] ?? '').sort(byText)).toEqual(['invalid_json', 'invalid_tenant'])
    expect(total(metrics, 'analytics_event_to_queryable_seconds', '_count')).toBe(EVENTS)
    expect(total(metrics, 'analytics_consumer_lag_messages')).toBe(0)
    expect(total(metrics, 'analytics_buffer_depth')).toBe(0)
  })

  test('has the duration of queries by dashboard', () => {
    const counts = samples('analytics_query_duration_seconds_count')
    const told = counts.map(({ labels }) => labels['dashboard'] ?? '')
    expect(told.toSorted(byText)).toEqual(dashboardNames.toSorted(byText))
  })

  test('has the duration of requests by route and status, with no label that a client can choose', () => {
    const told = samples('analytics_http_request_duration_seconds_count').map(
      ({ labels }) => `${labels['route']} ${labels['status']}`,
    )
    for (const name of dashboardNames) expect(told).toContain(`${ROOT}/${name} 200`)
    expect(told).toContain(`${ROOT}/campaigns 400`)
    expect(told.filter((each) => each.endsWith(' 401') || each.endsWith(' 404')).length).toBeGreaterThanOrEqual(2)
    expect(told.filter((each) => each.includes('nothing'))).toEqual([])
  })

  test('logs each stored batch', () => {
    const batches = lines.filter(({ message }) => message === '[INGEST] analytics events batch')
    // Calculated first: a matcher may replace the value that it matched.
    expect(batches.reduce((sum, { batchSize }) => sum + Number(batchSize), 0)).toBe(EVENTS)
    for (const batch of batches)
      expect(batch).toMatchObject({ tenantId: 'tenant-1', batchSize: expect.any(Number), eventTypes: ['message_sent'] })
  })

  test('logs each query with the correlation id of its response', () => {
    const queries = lines.filter(({ message }) => message === '[QUERY] analytics query')
    for (const [queryType, correlationId] of correlationIds) {
      const granularity = queryType === 'traffic' ? 'hour' : 'day'
      const timeRange = { start: expect.any(String), end: expect.any(String) }
      const told = {
        tenantId: 'tenant-1',
        correlationId,
        queryType,
        timeRange,
        granularity,
        duration: expect.any(Number),
      }
      expect(queries.find((query) => query['correlationId'] === correlationId)).toMatchObject(told)
    }
    expect(queries.filter(({ granularity }) => granularity === 'week')).toHaveLength(1)
  })

  test('contains no payload, parameter, token or secret', () => {
    expect(lines.length).toBeGreaterThan(20)
    for (const secret of [CANARY, 'eyJ', fixture.service().secret, 'Bearer']) expect(log).not.toContain(secret)
  })
})

/** The sum over the series of a metric, or over `_count` of a histogram. */
function total(metrics: ReadonlyMap<string, MetricFamily>, name: string, suffix = ''): number {
  const found = metrics.get(name)?.samples.filter((sample) => sample.name === `${name}${suffix}`) ?? []
  return found.reduce((sum, { value }) => sum + value, 0)
}
