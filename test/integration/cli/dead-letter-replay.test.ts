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

describe('subjects that data name', () => {
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

  test('none at all are listed and replayed without an error', async () => {
    const run = (...args: string[]) => runCli('dead', args, { NATS_URL: server.url })
    expect(await run('list')).toEqual({ code: 0, output: 'There are no dead letters.\n' })
    expect(await run('replay')).toEqual({ code: 0, output: 'There are no dead letters to replay.\n' })
  }, 60_000)

  test('a dead letter of any other subject than an event’s is not published: it is told of and stays', async () => {
    const letters = new DeadLetterStream(connection)
    const bury = (sequence: number, subject: string, body: string) =>
      letters.put({ delivery: deliveryOf(sequence, body, { subject }), reason: 'invalid_json', message: 'No JSON.' })
    await bury(1, DELETION, '')
    await bury(2, 'campaign.started', 'good')
    await bury(3, 'analytics.deferred.tenant-1', 'x')
    const { code, output } = await runCli('dead', ['replay'], { NATS_URL: server.url })
    expect(output).toContain(`Left 1: ${DELETION} is no subject of an event.`)
    expect(output).toContain('Replayed 1 dead letters.')
    expect(code).toBe(1)
    expect((await jsm.streams.info('EVENTS')).state.messages).toBe(1)
    const { state } = await jsm.streams.info(DEAD_LETTER_STREAM)
    expect([state.first_seq, state.messages]).toEqual([1, 2])
  }, 60_000)

  /** Whoever may send a request to the members of a cluster would otherwise have them send commands. */
  test('a request that wants its answer elsewhere than in an inbox gets none', async () => {
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
