import { expect, test } from 'bun:test'
import { systemClock } from '../../../src/base/clock.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { guardConsumerName } from '../../../src/nats/consumer/recreate-consumer.ts'
import { findReplay, requestReplay, watchReplays } from '../../../src/nats/consumer/replay.ts'
import { publish } from '../../support/broker/nats-server.ts'
import { Receiver } from '../../support/broker/receiver.ts'
import { sourceFixture } from '../../support/broker/source-fixture.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 25_000
const fixture = sourceFixture()

/** A replay exists as its consumer only: without the guard, a replay whose consumer was lost between two steps would be reported as done. */
test('a replay continues after its process was killed while it recreated the consumer', async () => {
  const { connection, jsm, server } = fixture
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
  await jsm.consumers.add('EVENTS', { ...rest, durable_name: guardConsumerName(name!) })
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
