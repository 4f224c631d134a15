import { afterEach, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 60_000
const COUNT = 2_000
const QUOTA = 150
const NOISY = 'noisy.tenant:1'

describe('a tenant over its quota', () => {
  let nats: NatsServer
  let service: RunningService
  afterEach(async () => {
    await service.stop()
    forget(service)
    await nats.stop()
  }, 60_000)

  const env = { TENANT_QUOTAS: `${NOISY}:${QUOTA}` }
  const eventsOf = (tenantId: string) =>
    Array.from({ length: COUNT }, (_, n) => {
      // Events with every kind of identity, including the stream sequence.
      const identity = n % 3 === 0 ? { eventId: `e${n}` } : {}
      const body = { ...identity, tenantId, timestamp: Date.now() - n, data: { messageId: `m${n}`, channel: 'email' } }
      return ['pipeline.message.sent', body, n % 3 === 1 ? { 'Nats-Msg-Id': `${tenantId}-${n}` } : {}] as const
    })
  const sent = async (tenant: string) => {
    const { body } = await service.get('/api/v1/analytics/messages?timeRange=7d', { tenant })
    return (body as { data: { summary: { sent: number } } }).data.summary.sent
  }
  const metric = async (name: string) => {
    const { text } = await service.get('/metrics')
    return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
  }
  async function start(preload?: string): Promise<void> {
    nats = await startNatsServer()
    const connection = await connect({ servers: nats.url })
    // The broker does not deduplicate, so that duplicates reach the service.
    const stream = { name: 'EVENTS', subjects: [...SUBJECTS], duplicate_window: 100_000_000 }
    await (await connection.jetstreamManager()).streams.add(stream)
    await connection.close()
    service = await startService({ natsUrl: nats.url, env, ...(preload ? { preload } : {}) })
    await publish(nats.url, [...eventsOf(NOISY), ...eventsOf('normal')])
  }

  test('is deferred and loses no event through restarts of the service and the broker; another tenant is not deferred', async () => {
    await start()
    await until(async () => (await sent('normal')) === COUNT, WAIT_MS, 'the other tenant to be stored')
    expect(await sent(NOISY)).toBeLessThan(COUNT)
    expect(await metric('analytics_events_deferred_total')).toBeGreaterThan(0)
    await service.kill9()
    await nats.restart()
    service = await startService({ natsUrl: nats.url, env, dataDir: service.dataDir, port: service.port })
    await publish(
      nats.url,
      eventsOf(NOISY).filter((_, n) => n % 3 !== 2),
    )
    await until(async () => (await sent(NOISY)) >= COUNT, WAIT_MS, 'everything to be stored')
    await until(async () => (await metric('analytics_deferred_events')) === 0, WAIT_MS, 'no event to wait')
    expect(await sent(NOISY)).toBe(COUNT)
    expect(await metric('analytics_ledger_unbalanced_tenants')).toBe(0)
  }, 120_000)

  test('control: without the headers that keep the identity of an event, duplicates of deferred events are stored again', async () => {
    await start(join(import.meta.dir, '../../faults/mutants/without-identity.ts'))
    await until(async () => (await metric('analytics_deferred_events')) > 0, WAIT_MS, 'events to wait')
    await publish(
      nats.url,
      eventsOf(NOISY)
        .filter((_, n) => n % 3 === 1)
        .map(([subject, body, headers]) => [subject, body, { 'Nats-Msg-Id': headers['Nats-Msg-Id']! }] as const),
    )
    await until(async () => (await metric('analytics_deferred_events')) === 0, WAIT_MS, 'no event to wait')
    expect(await sent(NOISY)).toBeGreaterThan(COUNT)
  }, 120_000)
})
