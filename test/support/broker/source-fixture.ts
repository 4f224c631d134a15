/** A broker for the tests of event sources: one per file, without streams before each test, and sources that are stopped after it. */
import { afterAll, afterEach, beforeAll, beforeEach } from 'bun:test'
import { connect, type JetStreamManager, type NatsConnection } from 'nats'
import { type Message, type NatsServer, startNatsServer } from './nats-server.ts'
import { type SourceOptions, startSource } from './receiver.ts'

type StartedSource = Awaited<ReturnType<typeof startSource>>

export interface SourceFixture {
  readonly server: NatsServer
  readonly connection: NatsConnection
  readonly jsm: JetStreamManager
  /** A source on the broker, stopped after the test unless the test does it. */
  started(options?: Partial<SourceOptions>): Promise<StartedSource>
  /** The number of messages in the stream EVENTS. */
  kept(): Promise<number>
  /** The acknowledged sequence of the consumer of the source. */
  floor(): Promise<number>
}

/** Registers the hooks of the fixture: call it once, at the top of a file. */
export function sourceFixture(): SourceFixture {
  let server: NatsServer
  let connection: NatsConnection
  let jsm: JetStreamManager
  const sources: StartedSource[] = []
  beforeAll(async () => {
    server = await startNatsServer()
    connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
    jsm = await connection.jetstreamManager()
  }, 30_000)
  afterAll(async () => {
    await connection.close()
    await server.stop()
  }, 30_000)
  beforeEach(async () => {
    for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
  })
  afterEach(async () => {
    for (const source of sources.splice(0)) if (!source.connection.isClosed()) await source.stop()
  })
  return {
    get server() {
      return server
    },
    get connection() {
      return connection
    },
    get jsm() {
      return jsm
    },
    async started(options = {}) {
      const source = await startSource({ url: server.url, ...options })
      sources.push(source)
      return source
    },
    kept: async () => (await jsm.streams.info('EVENTS')).state.messages,
    floor: async () => (await jsm.consumers.info('EVENTS', 'analytics')).ack_floor.stream_seq,
  }
}

/** Messages that contain only their numbers. */
export function numbered(count: number, from = 1): Message[] {
  return Array.from({ length: count }, (_, index) => ['campaign.started', String(from + index)])
}

export function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
