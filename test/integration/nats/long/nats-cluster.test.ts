import { afterAll, beforeAll, expect, test } from 'bun:test'
import {
  connect,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type NatsConnection,
  RetentionPolicy,
} from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { ensureDeferredStream } from '../../../../src/nats/deferred/deferred-stream.ts'
import { lastRelevantSequence } from '../../../../src/nats/old-servers/stall-detector.ts'
import { ensureDeadLetterStream } from '../../../../src/nats/dead-letters/dead-letter-stream.ts'
import { type NatsCluster, startNatsCluster } from '../../../support/broker/nats-cluster.ts'
import { type Message, publish, startNatsServer } from '../../../support/broker/nats-server.ts'
import { freePort } from '../../../support/process/ports.ts'
import { startSource } from '../../../support/broker/receiver.ts'
import { until } from '../../../support/process/until.ts'

const WAIT_MS = 60_000
const TEST_MS = 120_000
let cluster: NatsCluster
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  cluster = await startNatsCluster()
  connection = await connect({ servers: cluster.urls.split(','), maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  jsm = await connection.jetstreamManager()
}, 60_000)
afterAll(async () => {
  await connection.close()
  await cluster.stop()
}, 30_000)

const bodies = (count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ['campaign.started', String(index)])

test(
  'every stream of the service and its consumer have three replicas',
  async () => {
    const { stop } = await startSource({ url: cluster.urls })
    await ensureDeadLetterStream(jsm)
    await ensureDeferredStream(jsm)
    for (const name of ['EVENTS', 'ANALYTICS_DEAD', 'ANALYTICS_DEFERRED'])
      expect([name, (await jsm.streams.info(name)).config.num_replicas]).toEqual([name, 3])
    const consumer = await jsm.consumers.info('EVENTS', 'analytics')
    expect(consumer.cluster?.replicas).toHaveLength(2)
    await stop()
  },
  TEST_MS,
)

test(
  'a NATS cluster of two servers is retried instead of using fewer replicas',
  async () => {
    const pair = await startNatsCluster(2)
    const own = await connect({ servers: pair.urls.split(',') })
    const manager = await own.jetstreamManager()
    const failure = await ensureDeadLetterStream(manager).then(() => 'nothing', String)
    expect(failure).toContain('does not have 3 servers with enough storage for the stream ANALYTICS_DEAD')
    await manager.streams.add({ name: 'ANALYTICS_DEAD', subjects: ['analytics.dead.*'], num_replicas: 2 })
    await ensureDeadLetterStream(manager)
    expect((await manager.streams.info('ANALYTICS_DEAD')).config.num_replicas).toBe(2)
    await own.close()
    await pair.stop()
  },
  TEST_MS,
)

test(
  'a single server has one replica',
  async () => {
    const alone = await startNatsServer()
    const own = await connect({ servers: alone.url })
    const manager = await own.jetstreamManager()
    await ensureDeadLetterStream(manager)
    expect((await manager.streams.info('ANALYTICS_DEAD')).config.num_replicas).toBe(1)
    await own.close()
    await alone.stop()
  },
  TEST_MS,
)

test(
  'the first of several addresses may be down; when the connected server dies, the servers that it announced replace it',
  async () => {
    const named = cluster.members[0]!
    const {
      receiver,
      connection: own,
      source,
      stop,
    } = await startSource({
      url: `nats://127.0.0.1:${await freePort()},${named.url}`,
      durable: 'wanderer',
    })
    await publish(cluster.urls, bodies(100))
    await until(() => receiver.taken.length === 100, WAIT_MS, 'the events of before')
    expect(own.getServer()).toBe(new URL(named.url).host)
    await cluster.inSync()
    await named.kill9()
    const others = cluster.members.slice(1).map(({ url }) => url)
    await until(() => publish(others.join(','), bodies(100)), WAIT_MS, 'the stream to take events')
    await until(() => receiver.taken.length >= 200 && source.isBound(), WAIT_MS, 'the events of after')
    expect(receiver.sequences).toEqual(Array.from(receiver.sequences, (_, index) => index + 1))
    expect(others.map((url) => new URL(url).host)).toContain(own.getServer())
    await named.restart()
    await stop()
  },
  TEST_MS,
)

test(
  'an interest stream drops nothing while its consumer is recreated, at a start and after its leader died',
  async () => {
    // A server that is still behind would take the new stream for a change of the old one, and nats-server 2.9 crashes at that.
    await cluster.inSync()
    await jsm.streams.delete('EVENTS')
    await jsm.streams.add({
      name: 'EVENTS',
      subjects: [...SUBJECTS],
      retention: RetentionPolicy.Interest,
      num_replicas: 3,
    })
    const first = await startSource({ url: cluster.urls })
    await publish(cluster.urls, bodies(1))
    await until(() => first.receiver.taken.length === 1, WAIT_MS)
    await first.stop()
    await publish(cluster.urls, bodies(50))
    const second = await startSource({ url: cluster.urls, maxAckPending: 1_000 })
    await until(() => second.receiver.taken.length === 50, WAIT_MS)
    expect(second.receiver.sequences[0]).toBe(2)

    await cluster.inSync()
    second.receiver.isSettling = false
    await publish(cluster.urls, bodies(20))
    await until(() => second.receiver.taken.length === 70, WAIT_MS)
    const leader = await cluster.leaderOf('EVENTS', 'analytics')
    await leader.kill9()
    second.receiver.isSettling = true
    second.receiver.settle()
    await until(() => publish(cluster.urls, bodies(20)), WAIT_MS, 'the cluster to take messages again')
    await until(() => new Set(second.receiver.sequences).size >= 90, WAIT_MS)
    await leader.restart()
    await second.stop()
  },
  TEST_MS,
)

test(
  'the last relevant message of a consumer is the last one of its own subjects',
  async () => {
    await jsm.streams.delete('EVENTS')
    // A server that an earlier test killed may still be starting.
    await until(() => jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS], num_replicas: 3 }), WAIT_MS)
    await publish(cluster.urls, [
      ['campaign.started', 'x'],
      ['campaign.completed', 'x'],
      ['contact.created', 'x'],
    ])
    const stream = await until(() => jsm.streams.info('EVENTS'), WAIT_MS)
    const wantedBy = (config: Partial<ConsumerConfig>) =>
      lastRelevantSequence(jsm, { config, num_pending: 0, delivered: { stream_seq: 0 } } as ConsumerInfo, stream)
    expect(await wantedBy({})).toBe(3)
    expect(await wantedBy({ filter_subject: 'campaign.*' })).toBe(2)
    expect(await wantedBy({ filter_subjects: ['campaign.started', 'workflow.>'] })).toBe(1)
    expect(await wantedBy({ filter_subject: 'workflow.>' })).toBe(0)
    // A single server has the only copy, which lacks nothing.
    const { cluster: _, ...single } = stream
    expect(
      await lastRelevantSequence(
        jsm,
        { config: {}, num_pending: 0, delivered: { stream_seq: 0 } } as ConsumerInfo,
        single,
      ),
    ).toBe(0)
  },
  TEST_MS,
)
