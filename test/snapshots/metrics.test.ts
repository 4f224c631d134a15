import { afterAll, beforeAll, test } from 'bun:test'
import { openServiceFixture, type ServiceFixture } from '../support/process/service-fixture.ts'
import { publish } from '../support/broker/nats-server.ts'
import { dashboardNames } from '../support/oracle/oracle.ts'
import { type MetricFamily, parsePrometheus } from '../support/http/prometheus.ts'
import { token } from '../support/http/tokens.ts'
import { until } from '../support/process/until.ts'
import { expectRecorded } from './recorded.ts'

const STARTING_MS = 90_000
const API = '/api/v1/analytics'
/** Present only where the system has such a limit. */
const OF_THE_SYSTEM = ['process_max_fds']
/** Labelled by jobs that run once an hour or at night, perhaps during this test. */
const OF_JOBS = ['analytics_tenant_disk_bytes', 'analytics_consistency_mismatches']
/** Labels whose values depend on the requests that are made, and on how often. */
const OPEN_LABELS = ['route', 'status', 'tenant']
/** How many series these metrics have at least once the event is stored and each stream of the service has been measured. */
const LATE = {
  analytics_event_loop_delay_seconds: 1,
  analytics_event_to_queryable_seconds: 1,
  analytics_facts_duration_seconds: 1,
  analytics_flush_duration_seconds: 1,
  analytics_flush_size: 1,
  analytics_insert_duration_seconds: 1,
  analytics_lookup_duration_seconds: 1,
  analytics_stream_bytes: 4,
  analytics_stream_limit_bytes: 4,
  analytics_tenant_events: 1,
}

let fixture: ServiceFixture
beforeAll(async () => {
  fixture = await openServiceFixture({ env: { METRICS_TENANTS: '5' } })
}, STARTING_MS)
afterAll(() => fixture?.close(), STARTING_MS)

/** One happening of each kind that gives a metric a label. */
async function causeHappenings(): Promise<void> {
  const service = fixture.service()
  const data = { messageId: 'message-1', channel: 'email' }
  await publish(fixture.nats.url, [
    ['pipeline.message.sent', { tenantId: 'tenant-1', eventId: 'event-1', timestamp: Date.now(), data }],
    ['pipeline.message.sent', 'no JSON'],
  ])
  for (const name of dashboardNames) await service.get(`${API}/${name}`)
  await service.get(`${API}/overview`, { authorization: '' })
  await service.get('/unknown')
  const stopped = new AbortController()
  const { body } = await fetch(`${service.baseUrl}${API}/live`, {
    headers: { authorization: `Bearer ${token(service.secret, { tenantId: 'tenant-1' })}` },
    signal: stopped.signal,
  })
  await body?.getReader().read()
  stopped.abort()
}

const isComplete = (read: ReadonlyMap<string, MetricFamily>) =>
  Object.entries(LATE).every(([name, count]) => (read.get(name)?.samples.length ?? 0) >= count)

function labelsOf({ name, samples }: MetricFamily): Record<string, readonly string[] | string> {
  const values = new Map<string, Set<string>>()
  for (const { labels } of OF_JOBS.includes(name) ? [] : samples)
    for (const [label, value] of Object.entries(labels))
      values.set(label, (values.get(label) ?? new Set<string>()).add(value))
  const entries = [...values].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    entries.map(([label, found]) => [label, OPEN_LABELS.includes(label) ? 'ANY' : [...found].toSorted()]),
  )
}

test('name, type, help and labels of each metric at /metrics are as recorded', async () => {
  await causeHappenings()
  const families = await until(
    async () => {
      const read = parsePrometheus((await fixture.service().get('/metrics')).text)
      return isComplete(read) ? read : undefined
    },
    30_000,
    'every metric to have its labels',
  )
  const recorded = [...families.values()]
    .filter(({ name }) => !OF_THE_SYSTEM.includes(name))
    .map((family) => [family.name, { type: family.type, help: family.help, labels: labelsOf(family) }] as const)
  await expectRecorded('metrics', Object.fromEntries(recorded.toSorted(([a], [b]) => (a < b ? -1 : 1))))
})
