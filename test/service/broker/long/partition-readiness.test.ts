import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type NatsConnection } from 'nats'
import { partitionConsumerName } from '../../../../src/nats/partitions/partition-stream.ts'
import { PARTITION_STREAM } from '../../../../src/nats/names.ts'
import { PARTITION_COUNT } from '../../../../src/cluster/cluster-state.ts'
import type { Child } from '../../../support/process/children.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../../support/clickhouse-front/start.ts'
import { type NatsServer, startNatsServer } from '../../../support/broker/nats-server.ts'
import { freePort } from '../../../support/process/ports.ts'
import { forget, type RunningService, spawnService, startService } from '../../../support/process/service.ts'
import { until } from '../../../support/process/until.ts'

const WAIT_MS = 60_000
/** The first process releases its last partitions to the second one. */
const DENIED = partitionConsumerName('analytics', PARTITION_COUNT - 1)
const first = { user: 'first', pass: 'first' }

const root = mkdtempSync(join(tmpdir(), 'outreach-readiness-'))
let server: NatsServer
let front: ClickHouseFront
let connection: NatsConnection
let one: RunningService | undefined
let other: Child | undefined
beforeAll(async () => {
  const denied = `$JS.API.CONSUMER.INFO.${PARTITION_STREAM}.${DENIED}`
  server = await startNatsServer({
    config: `authorization { users: [
      { user: first, password: first }
      { user: second, password: second, permissions: { publish: { deny: ["${denied}"] } } }
    ] }`,
    access: first,
  })
  front = await startClickHouseFront()
  connection = await connect({ servers: server.url, ...first })
}, 60_000)
afterAll(async () => {
  await other?.end('SIGKILL')
  await one?.kill9()
  if (one) forget(one)
  await connection.close()
  await front.stop()
  await server.stop()
  rmSync(root, { recursive: true, force: true })
}, 60_000)

test('a process is not ready while it cannot consume a partition that was assigned to it', async () => {
  const env = { CLICKHOUSE_URL: front.url, NATS_USER: 'first', NATS_PASSWORD: 'first' }
  one = await startService({ natsUrl: server.url, env })
  const port = await freePort()
  other = await spawnService(
    { natsUrl: server.url, env: { ...env, NATS_USER: 'second', NATS_PASSWORD: 'second' } },
    { dataDir: join(root, 'data'), port, logFile: join(root, 'log'), secret: 's'.repeat(32) },
  )
  const isHeld = async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    return Number(/^analytics_cluster_partitions (\d+)/m.exec(text)?.[1]) > 1
  }
  const jsm = await connection.jetstreamManager()
  const asked = async () =>
    (await jsm.consumers.list(PARTITION_STREAM).next()).filter(({ num_waiting }) => num_waiting > 0)
  await until(
    async () => (await isHeld()) && (await asked()).length === PARTITION_COUNT - 1,
    WAIT_MS,
    'all partitions but one to be taken',
  )
  expect((await asked()).map(({ name }) => name)).not.toContain(DENIED)
  const ready = await fetch(`http://127.0.0.1:${port}/health/ready`)
  expect([ready.status, await ready.text()]).toEqual([503, expect.stringContaining('not bound to the stream')])
}, 150_000)
