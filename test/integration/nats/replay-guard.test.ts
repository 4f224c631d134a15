import { afterAll, beforeAll, expect, test } from 'bun:test'
import { connect, type JetStreamManager, type NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { guardConsumer } from '../../../src/nats/consumer/recreate-consumer.ts'
import { findReplay, requestReplay, watchReplays } from '../../../src/nats/consumer/replay.ts'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { Receiver } from '../../support/broker/receiver.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 25_000
let server: NatsServer
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  server = await startNatsServer()
  connection = await connect({ servers: server.url })
  jsm = await connection.jetstreamManager()
}, 30_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
}, 30_000)

/** A replay is nothing but its consumer: one that was lost between two steps was never heard of again, and the command said that it was done. */
test('a replay goes on whose process was killed while it made the consumer anew', async () => {
  const durable = 'analytics'
  const limits = { maxAckPending: 1_000, ackWaitMs: 60_000 }
  await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await publish(
    server.url,
    Array.from({ length: 10 }, () => ['campaign.started', '{}']),
  )
  const stream = await jsm.streams.info('EVENTS')
  const { config } = await requestReplay(jsm, { stream, durable, limits, from: new Date(0) })
  const { name, ...rest } = config
  await jsm.consumers.add('EVENTS', { ...rest, durable_name: guardConsumer(name!) })
  await jsm.consumers.delete('EVENTS', name!)
  expect(await findReplay(jsm, 'EVENTS', durable)).toBeDefined()

  const stopped = new AbortController()
  const receiver = new Receiver()
  const watching = watchReplays({
    ...{ connection, durable, stream: undefined, clock: systemClock, logger: silentLogger, signal: stopped.signal },
    consume: async (source) => {
      receiver.acknowledge = (floor) => source.acknowledge(floor)
      await source.start(receiver)
      return () => source.pause()
    },
  })
  await until(async () => (await findReplay(jsm, 'EVENTS', durable)) === undefined, WAIT_MS, 'the replay to be done')
  expect(receiver.taken).toHaveLength(10)
  expect(await jsm.consumers.list('EVENTS').next()).toEqual([])
  stopped.abort()
  await watching
}, 60_000)
