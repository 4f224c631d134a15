/** Streams that the service cannot consume: it exits with code 1 and logs the necessary change. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AckPolicy, connect, type JetStreamManager, type NatsConnection, RetentionPolicy } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { freePort } from '../../support/process/ports.ts'
import { spawnService } from '../../support/process/service.ts'

const TEST_MS = 90_000

const root = mkdtempSync(join(tmpdir(), 'outreach-refusals-'))
let server: NatsServer
let front: ClickHouseFront
let connection: NatsConnection
let jsm: JetStreamManager
beforeAll(async () => {
  server = await startNatsServer()
  front = await startClickHouseFront()
  connection = await connect({ servers: server.url })
  jsm = await connection.jetstreamManager()
}, 60_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
  await front.stop()
  rmSync(root, { recursive: true, force: true })
}, 30_000)
afterEach(async () => {
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name)
})

/** Starts the service and waits until it exits. */
async function endOf(env: Record<string, string>) {
  const name = crypto.randomUUID()
  const logFile = join(root, `${name}.log`)
  const place = { dataDir: join(root, name), port: await freePort(), logFile, secret: 's'.repeat(32) }
  const child = await spawnService({ natsUrl: server.url, env }, place)
  const { code } = await child.exited
  return { code, log: readFileSync(logFile, 'utf8') }
}

const perModule = async () => {
  await jsm.streams.add({ name: 'MAIL', subjects: ['pipeline.>'] })
  await jsm.streams.add({ name: 'FLOWS', subjects: ['workflow.>', 'campaign.>'] })
}
const pushConsumer = async () => {
  await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await jsm.consumers.add('EVENTS', {
    durable_name: 'analytics',
    ack_policy: AckPolicy.None,
    deliver_subject: 'somewhere',
  })
}
const workQueue = () =>
  jsm.streams.add({ name: 'QUEUE', subjects: [...SUBJECTS], retention: RetentionPolicy.Workqueue })
const everything = () => jsm.streams.add({ name: 'EVERYTHING', subjects: ['analytics.>', ...SUBJECTS] })

describe.each(['alone', 'before a server'])('%s', (where) => {
  const env = () => (where === 'alone' ? {} : { CLICKHOUSE_URL: front.url })

  test.each<[string, () => Promise<unknown>, string[]]>([
    ['a stream per module', perModule, ['MAIL', 'FLOWS', 'NATS_STREAM', 'sources']],
    ['a work queue', workQueue, ['The stream QUEUE is a work queue', 'NATS_STREAM']],
    ['a push consumer of our name', pushConsumer, ['is a push consumer', 'NATS_CONSUMER']],
    ['a stream that takes our dead letters', everything, ['ANALYTICS_DEAD cannot be created', 'EVERYTHING']],
  ])(
    '%s',
    async (_, setUp, words) => {
      await setUp()
      const { code, log } = await endOf(env())
      expect(code).toBe(1)
      for (const word of words) expect(log).toContain(word)
      expect(log).not.toContain('ready to ingest')
    },
    TEST_MS,
  )
})
