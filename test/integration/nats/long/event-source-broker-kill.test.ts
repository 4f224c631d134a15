import { afterAll, beforeAll, expect, test } from 'bun:test'
import { DiscardPolicy, StorageType, type JetStreamManager, type NatsConnection, connect } from 'nats'
import { SUBJECTS } from '../../../../src/events/catalogue.ts'
import { type Message, type NatsServer, publish, startNatsServer } from '../../../support/broker/nats-server.ts'
import { startSource } from '../../../support/broker/receiver.ts'
import { pause, until } from '../../../support/process/until.ts'

const WAIT_MS = 60_000
const TEST_MS = 180_000
/** Its own server: after a kill it is slow for seconds and would delay other tests. */
let server: NatsServer
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  server = await startNatsServer()
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  jsm = await connection.jetstreamManager()
  await jsm.streams.add({
    name: 'EVENTS',
    subjects: [...SUBJECTS],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
  })
}, 30_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
}, 30_000)

const bodies = (from: number, count: number): Message[] =>
  Array.from({ length: count }, (_, index) => ['campaign.started', String(from + index)])
const floorAtBroker = async () => (await jsm.consumers.info('EVENTS', 'analytics')).ack_floor.stream_seq

test(
  'two kill -9 of the broker under load: every acknowledged message arrives once and in order',
  async () => {
    const { receiver, source, stop } = await startSource({ url: server.url })
    const acknowledged: number[] = []
    const publisher = { isRunning: true }
    const publishing = (async () => {
      for (let batch = 0; publisher.isRunning; batch++) {
        try {
          for (const { seq } of await publish(server.url, bodies(batch * 50, 50))) acknowledged.push(seq)
        } catch {
          await pause(50)
        }
      }
    })()
    for (let kill = 0; kill < 2; kill++) {
      const before = receiver.taken.length
      await until(() => receiver.taken.length > before + 300, WAIT_MS)
      await server.restart()
    }
    const before = receiver.taken.length
    await until(() => receiver.taken.length > before + 300, WAIT_MS)
    publisher.isRunning = false
    await publishing
    const last = Math.max(...acknowledged)
    await until(() => receiver.sequences.at(-1)! >= last, WAIT_MS)
    const taken = new Set(receiver.sequences)
    expect(acknowledged.filter((sequence) => !taken.has(sequence))).toEqual([])
    expect(receiver.sequences).toEqual(Array.from(receiver.sequences, (_, index) => index + 1))
    expect(source.isBound()).toBe(true)
    await until(async () => (await floorAtBroker()) >= last, WAIT_MS)
    await stop()
  },
  TEST_MS,
)
