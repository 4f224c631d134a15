import { afterAll, expect, test } from 'bun:test'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

let nats: NatsServer
let service: RunningService
afterAll(async () => {
  await service.stop()
  forget(service)
  await nats.stop()
}, 60_000)

const FLOOD = 5_000
const GOOD = 10

test('a flood of rejected events of one tenant affects no other: their events are stored, the service stays ready, and the log names the tenant', async () => {
  nats = await startNatsServer()
  service = await startService({ natsUrl: nats.url, env: { CIRCUIT_BREAKER_WINDOW_EVENTS: '500' } })
  const seconds = Math.floor(Date.now() / 1000)
  const event = (tenantId: string, n: number, timestamp: number) =>
    ['pipeline.message.sent', { eventId: `e${n}`, tenantId, timestamp, data: { messageId: `m${n}` } }] as const
  const flood = Array.from({ length: FLOOD }, (_, n) => event('bad-producer', n, seconds))
  const good = Array.from({ length: GOOD }, (_, n) => event('good-producer', n, Date.now()))
  await publish(nats.url, [...flood, ...good])

  const sent = async () => {
    const { body } = await service.get('/api/v1/analytics/messages?timeRange=1d', { tenant: 'good-producer' })
    return (body as { data: { summary: { sent: number } } }).data.summary.sent
  }
  const statuses = new Set<number>()
  await until(
    async () => {
      statuses.add((await service.get('/health/ready')).status)
      return (await sent()) === GOOD
    },
    30_000,
    'the good events to be stored',
  )
  const dead = `analytics_events_dead_lettered_total{reason="expired_timestamp"} ${FLOOD}\n`
  await until(
    async () => {
      const { text } = await service.get('/metrics')
      statuses.add((await service.get('/health/ready')).status)
      return text.includes(dead) && text.includes('\nanalytics_open_circuit_breakers 1\n')
    },
    30_000,
    'the flood to be in the dead letters',
  )
  expect([...statuses]).toEqual([200])
  const lines = service.log().split('\n')
  expect(lines.filter((line) => line.includes('circuit breaker opened') && line.includes('bad-producer'))).toHaveLength(
    1,
  )
  expect(lines.filter((line) => line.includes('events rejected')).length).toBeLessThan(10)
}, 120_000)
