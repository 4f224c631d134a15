import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 60_000
const COUNT = 2_000
const QUOTA = 200
const NOISY = 'noisy.tenant:1'

const env = { TENANT_QUOTAS: `${NOISY}:${QUOTA}` }
const eventsOf = (tenantId: string) =>
  Array.from({ length: COUNT }, (_, n) => {
    // Events with every kind of identity, including the stream sequence.
    const identity = n % 3 === 0 ? { eventId: `e${n}` } : {}
    const body = { ...identity, tenantId, timestamp: Date.now() - n, data: { messageId: `m${n}`, channel: 'email' } }
    return ['pipeline.message.sent', body, n % 3 === 1 ? { 'Nats-Msg-Id': `${tenantId}-${n}` } : {}] as const
  })
const sent = async (service: RunningService, tenant: string) => {
  const { body } = await service.get('/api/v1/analytics/messages?timeRange=7d', { tenant })
  return (body as { data: { summary: { sent: number } } }).data.summary.sent
}
const metric = async (service: RunningService, name: string) => {
  const { text } = await service.get('/metrics')
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1])
}

/** The tests mostly wait for the quota: they run at the same time, each with its own broker and service. */
describe('a tenant over its quota', () => {
  const closers: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closers) await close()
  }, 60_000)

  const closeLater = (service: RunningService) =>
    closers.unshift(async () => {
      await service.stop()
      forget(service)
    })

  async function start(preload?: string) {
    const nats = await startNatsServer()
    closers.push(() => nats.stop())
    const connection = await connect({ servers: nats.url })
    // The broker does not deduplicate, so that duplicates reach the service.
    const stream = { name: 'EVENTS', subjects: [...SUBJECTS], duplicate_window: 100_000_000 }
    await (await connection.jetstreamManager()).streams.add(stream)
    await connection.close()
    const service = await startService({ natsUrl: nats.url, env, ...(preload ? { preload } : {}) })
    closeLater(service)
    await publish(nats.url, [...eventsOf(NOISY), ...eventsOf('normal')])
    return { nats, service }
  }

  test.concurrent(
    'is deferred and loses no event through restarts of the service and the broker; another tenant is not deferred',
    async () => {
      const { nats, service: first } = await start()
      await until(async () => (await sent(first, 'normal')) === COUNT, WAIT_MS, 'the other tenant to be stored')
      expect(await sent(first, NOISY)).toBeLessThan(COUNT)
      expect(await metric(first, 'analytics_events_deferred_total')).toBeGreaterThan(0)
      await first.kill9()
      await nats.restart()
      const service = await startService({ natsUrl: nats.url, env, dataDir: first.dataDir, port: first.port })
      closeLater(service)
      await publish(
        nats.url,
        eventsOf(NOISY).filter((_, n) => n % 3 !== 2),
      )
      await until(async () => (await sent(service, NOISY)) >= COUNT, WAIT_MS, 'everything to be stored')
      const isEmpty = async () => (await metric(service, 'analytics_deferred_events')) === 0
      await until(isEmpty, WAIT_MS, 'no event to wait')
      expect(await sent(service, NOISY)).toBe(COUNT)
      expect(await metric(service, 'analytics_ledger_unbalanced_tenants')).toBe(0)
    },
    120_000,
  )

  test.concurrent(
    'control: without the headers that keep the identity of an event, duplicates of deferred events are stored again',
    async () => {
      const { nats, service } = await start(join(import.meta.dir, '../../faults/mutants/without-identity.ts'))
      const deferred = () => metric(service, 'analytics_deferred_events')
      await until(async () => (await deferred()) > 0, WAIT_MS, 'events to wait')
      await publish(
        nats.url,
        eventsOf(NOISY)
          .filter((_, n) => n % 3 === 1)
          .map(([subject, body, headers]) => [subject, body, { 'Nats-Msg-Id': headers['Nats-Msg-Id']! }] as const),
      )
      await until(async () => (await deferred()) === 0, WAIT_MS, 'no event to wait')
      expect(await sent(service, NOISY)).toBeGreaterThan(COUNT)
    },
    120_000,
  )
})
