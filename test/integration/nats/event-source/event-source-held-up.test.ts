import { afterAll, beforeAll, expect, test } from 'bun:test'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { connect } from 'nats'
import { type NatsServer, publish, startNatsServer } from '../../../support/broker/nats-server.ts'
import { startSource } from '../../../support/broker/receiver.ts'
import { until } from '../../../support/process/until.ts'

const INTERRUPTED = 'deliveries interrupted; resuming after the last settled message'
const HELD_UP = 'process paused and deliveries missed; resuming after the last settled message'

let server: NatsServer
beforeAll(async () => {
  // The server closes a connection that is silent for a second or two. It pings more often than it sends heartbeats, as it does not ping a connection that it has just sent something to.
  server = await startNatsServer({ config: 'ping_interval: "300ms"\nping_max: 2' })
  const connection = await connect({ servers: server.url })
  await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await connection.close()
}, 30_000)
afterAll(() => server.stop(), 30_000)

function holdUp(durationMs: number): void {
  const end = performance.now() + durationMs
  while (performance.now() < end);
}

test('a suspended process reports its own delay, not an interruption by the broker', async () => {
  const { receiver, logger, stop } = await startSource({ url: server.url, durable: 'held-up' })
  const messages = () => logger.lines.map(({ message }) => message)
  await publish(server.url, [['campaign.started', 'x']])
  await until(() => receiver.taken.length === 1, 10_000, 'the delivery')
  holdUp(6_000)
  await until(() => messages().includes(HELD_UP) || messages().includes(INTERRUPTED), 20_000, 'the interruption')
  expect(messages()).toContain(HELD_UP)
  expect(messages()).not.toContain(INTERRUPTED)
  const line = logger.lines.find(({ message }) => message === HELD_UP)
  expect(line?.fields).toMatchObject({ consumer: 'held-up', cause: 'connection' })
  expect(Number(line?.fields?.['processPausedMs'])).toBeGreaterThan(3_000)
  await publish(server.url, [['campaign.started', 'y']])
  await until(() => receiver.taken.length === 2, 20_000, 'the next delivery')
  await stop()
}, 60_000)

test('control: a stopped broker is reported as the interruption', async () => {
  const { receiver, logger, stop } = await startSource({ url: server.url, durable: 'interrupted' })
  await until(() => receiver.taken.length === 2, 10_000, 'the deliveries')
  await server.restart()
  const messages = () => logger.lines.map(({ message }) => message)
  await until(() => messages().includes(INTERRUPTED), 20_000, 'the interruption')
  expect(messages()).not.toContain(HELD_UP)
  await stop()
}, 60_000)
