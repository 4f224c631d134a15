import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { pull } from '../../../src/nats/consumer/pull.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { until } from '../../support/process/until.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

describe('an exception in the callback of a subscription', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNatsServer()
  }, 30_000)
  afterAll(() => server?.stop())

  /** Whether messages after an exception still arrive, and what was reported. */
  async function afterException(isGuarded: boolean) {
    const reported: unknown[][] = []
    const report = (...args: unknown[]) => void reported.push(args)
    const connection = await connectNats({ servers: [server.url], name: 'test', ...(isGuarded ? { report } : {}) })
    const other = await connect({ servers: server.url })
    const subject = `guarded.${isGuarded}`
    const received: string[] = []
    connection.subscribe(subject, {
      callback(_, message) {
        received.push(message.string())
        if (message.string() === 'bad') throw new TypeError('planted')
      },
    })
    await connection.flush()
    for (const text of ['first', 'bad', 'last']) other.publish(subject, bytes(text))
    await other.flush()
    await Promise.race([
      until(() => received.length === 3, 10_000, 'the last message').catch(() => {}),
      Bun.sleep(1_000),
    ])
    await other.close()
    void connection.close()
    return { received, reported }
  }

  test('is reported, and later messages arrive', async () => {
    const { received, reported } = await afterException(true)
    expect(received).toEqual(['first', 'bad', 'last'])
    expect(reported).toEqual([['socket', expect.any(TypeError)]])
  })

  test('control: without the guard no later message arrives', async () => {
    expect((await afterException(false)).received).toEqual(['first', 'bad'])
  })

  test('ends a pull, so that the unprocessed message is requested again', async () => {
    const reported: unknown[][] = []
    const report = (...args: unknown[]) => void reported.push(args)
    const connection = await connectNats({ servers: [server.url], name: 'test', report })
    const jsm = await connection.jetstreamManager()
    await jsm.streams.add({ name: 'PULLED', subjects: ['pulled'] })
    await jsm.consumers.add('PULLED', { durable_name: 'puller', ack_policy: 'explicit' as never })
    await connection.jetstream().publish('pulled', bytes('event'))
    const request = { stream: 'PULLED', durable: 'puller', maxMessages: 10, maxBytes: 100_000, expiresMs: 5_000 }
    const fail = () => {
      throw new TypeError('planted')
    }
    const { ending } = await pull(connection, request, fail, new AbortController().signal, systemClock)
    expect(ending).toBe('gap')
    expect(reported).toEqual([['socket', expect.any(TypeError)]])
    await connection.close()
  })
})
