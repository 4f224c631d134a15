import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type JetStreamManager, type NatsConnection } from 'nats'
import { connectNats } from '../../../src/nats/connection.ts'
import { createClusterMessenger } from '../../../src/nats/partitions/cluster-messenger.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { DEAD_LETTER_STREAM } from '../../../src/nats/names.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { ensureEventStream } from '../../../src/nats/event-stream.ts'
import { runCli } from '../../support/process/cli.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const DELETION = '$JS.API.STREAM.DELETE.EVENTS'

describe('subjects in stored data', () => {
  let server: NatsServer
  let connection: NatsConnection
  let jsm: JetStreamManager
  beforeAll(async () => {
    server = await startNatsServer()
    connection = await connectNats({ servers: [server.url], name: 'test' })
    jsm = await connection.jetstreamManager()
    await ensureEventStream(jsm, undefined, silentLogger)
    await ensureDeadLetterStream(jsm)
  }, 30_000)
  afterAll(async () => {
    await connection.close()
    await server.stop()
  }, 30_000)

  test('dead letters can be listed and replayed when there are none', async () => {
    const run = (...args: string[]) => runCli('dead-letters', args, { NATS_URL: server.url })
    expect(await run('list')).toEqual({ code: 0, output: 'There are no dead letters.\n' })
    expect(await run('replay')).toEqual({ code: 0, output: 'There are no dead letters to replay.\n' })
  }, 60_000)

  test('a dead letter whose subject is not the subject of an event is reported and stays a dead letter', async () => {
    const letters = new DeadLetterStream(connection)
    const store = (sequence: number, subject: string, body: string) =>
      letters.put({ delivery: deliveryOf(sequence, body, { subject }), reason: 'invalid_json', message: 'No JSON.' })
    await store(1, DELETION, '')
    await store(2, 'campaign.started', 'good')
    await store(3, 'analytics.deferred.tenant-1', 'x')
    const { code, output } = await runCli('dead-letters', ['replay'], { NATS_URL: server.url })
    expect(output).toContain(`Skipped 1: ${DELETION} is not the subject of an event.`)
    expect(output).toContain('Replayed 1 dead letter.')
    expect(code).toBe(1)
    expect((await jsm.streams.info('EVENTS')).state.messages).toBe(1)
    const { state } = await jsm.streams.info(DEAD_LETTER_STREAM)
    expect([state.first_seq, state.messages]).toEqual([1, 2])
  }, 60_000)

  /** Whoever may send a request to the members of a cluster would otherwise have them send commands. */
  test('a request with a reply subject outside of the inboxes gets no response', async () => {
    const messages = createClusterMessenger(connection, 'analytics')
    let asked = 0
    const stop = messages.subscribe('who', (_, answer) => {
      asked++
      answer('')
    })
    const other = createClusterMessenger(connection, 'analytics')
    expect(await other.request('who', '')).toEqual({ text: '' })
    connection.publish('analytics.cluster.analytics.who', '', { reply: DELETION })
    await until(() => asked === 2, 5_000, 'the request to come')
    await connection.flush()
    expect((await jsm.streams.info('EVENTS')).config.name).toBe('EVENTS')
    stop()
  }, 60_000)
})
