import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type JetStreamManager, type MsgHdrs, type NatsConnection, type StoredMsg, headers } from 'nats'
import type { RejectionReason } from '../../../src/events/rejection.ts'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import type { Delivery } from '../../../src/ingest/ports.ts'
import { connectNats } from '../../../src/nats/connection.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { DEAD_LETTER_HEADERS } from '../../../src/nats/dead-letters/dead-letter-headers.ts'
import { DEAD_LETTER_STREAM } from '../../../src/nats/names.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { startSource } from '../../support/broker/receiver.ts'
import { until } from '../../support/process/until.ts'

let server: NatsServer
let connection: NatsConnection
let jsm: JetStreamManager
let letters: DeadLetterStream
let maxPayload = 0
beforeAll(async () => {
  server = await startNatsServer()
  connection = await connectNats({ servers: [server.url], name: 'test' })
  jsm = await connection.jetstreamManager()
  await ensureDeadLetterStream(jsm)
  letters = new DeadLetterStream(connection)
  maxPayload = connection.info!.max_payload
}, 30_000)
afterAll(async () => {
  await connection.close()
  await server.stop()
}, 30_000)
beforeEach(() => jsm.streams.purge(DEAD_LETTER_STREAM))

/** The broker recognises a repeated dead letter by its original position, so each test uses its own positions. */
let place = 100
const nextPlace = () => place++

const bury = (delivery: Delivery, reason: RejectionReason = 'invalid_json') =>
  letters.put({ delivery, reason, message: 'It is no JSON.' })

async function stored(): Promise<StoredMsg[]> {
  const { state } = await jsm.streams.info(DEAD_LETTER_STREAM)
  const found: StoredMsg[] = []
  for (let seq = state.first_seq; seq <= state.last_seq; seq++)
    found.push(await jsm.streams.getMessage(DEAD_LETTER_STREAM, { seq }))
  return found
}

const bytesOf = (parts: readonly StoredMsg[]) => Buffer.concat(parts.map(({ data }) => data))

/** A message as the broker delivers it. */
async function delivered(data: Uint8Array, head: MsgHdrs): Promise<Delivery> {
  await jsm.streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  const { receiver, stop } = await startSource({ url: server.url })
  await connection.jetstream().publish('campaign.started', data, { headers: head })
  await until(() => receiver.taken.length === 1, 10_000)
  await stop()
  await jsm.streams.delete('EVENTS')
  return receiver.taken[0]!
}

describe('a dead letter', () => {
  test('has the original bytes, its reason in the subject, and headers with its origin and reason', async () => {
    const data = new Uint8Array([0, 255, 13, 10, 123])
    const original = headers()
    original.append('Nats-Msg-Id', 'id-1')
    original.append('X-Several', 'a')
    original.append('X-Several', 'ünïcödé')
    const delivery = await delivered(data, original)
    await bury(delivery, 'invalid_json')
    const [letter, ...others] = await stored()
    expect(others).toEqual([])
    expect(letter!.subject).toBe('analytics.dead.invalid_json')
    expect(letter!.data).toEqual(data)
    const { header } = letter!
    expect(header.get(DEAD_LETTER_HEADERS.subject)).toBe('campaign.started')
    expect(header.get(DEAD_LETTER_HEADERS.stream)).toBe('EVENTS')
    expect(header.get(DEAD_LETTER_HEADERS.sequence)).toBe('1')
    expect(header.get(DEAD_LETTER_HEADERS.reason)).toBe('invalid_json')
    expect(header.get(DEAD_LETTER_HEADERS.message)).toBe('It is no JSON.')
    expect(header.get(`${DEAD_LETTER_HEADERS.original}Nats-Msg-Id`)).toBe('id-1')
    expect(header.values(`${DEAD_LETTER_HEADERS.original}X-Several`)).toEqual(['a', 'ünïcödé'])
    expect(header.has(DEAD_LETTER_HEADERS.part)).toBe(false)
  })

  test('that is published twice is kept once', async () => {
    const delivery = deliveryOf(nextPlace(), 'x')
    await bury(delivery)
    await bury(delivery)
    expect(await stored()).toHaveLength(1)
  })

  test('of a recreated stream is another one, although its sequence is the same', async () => {
    const sequence = nextPlace()
    await bury(deliveryOf(sequence, 'old', { publishedAt: 1 }))
    await bury(deliveryOf(sequence, 'new', { publishedAt: 2 }))
    expect(bytesOf(await stored()).toString()).toBe('oldnew')
  })

  test('without bytes is kept', async () => {
    await bury(deliveryOf(nextPlace(), ''))
    expect(await stored()).toHaveLength(1)
  })

  test('of exactly the broker’s largest size is kept completely, in parts', async () => {
    const data = new Uint8Array(maxPayload).map((_, index) => index % 251)
    const delivery = deliveryOf(nextPlace(), '', { data })
    await bury(delivery, 'too_large')
    const parts = await stored()
    expect(bytesOf(parts).equals(Buffer.from(data))).toBe(true)
    expect(parts.map(({ header }) => header.get(DEAD_LETTER_HEADERS.part))).toEqual(
      parts.map((_, index) => `${index + 1}/${parts.length}`),
    )
    await bury(delivery, 'too_large')
    expect(await stored()).toHaveLength(parts.length)
  })

  /** Original headers get a prefix, and JetStream stores 64 KiB of headers at most: without a limit, a message with many headers could never become a dead letter and would block the ones after it. */
  test.each([
    ['one large header', () => [['X-Large', 'x'.repeat(65_000)]]],
    ['many small headers', () => Array.from({ length: 3_000 }, (_, index) => [`h${index}`, 'v'])],
    ['a header of three bytes per character', () => [['X-Wide', '漢'.repeat(21_000)]]],
  ] as const)('with %s is put away all the same: body and message id are kept', async (_, make) => {
    const original = new Map<string, readonly string[]>(make().map(([name = '', value = '']) => [name, [value]]))
    original.set('Nats-Msg-Id', ['id-1'])
    await bury(deliveryOf(nextPlace(), 'the body', { headers: original }))
    const parts = await stored()
    expect(bytesOf(parts).toString()).toBe('the body')
    expect(parts[0]!.header.get(`${DEAD_LETTER_HEADERS.original}Nats-Msg-Id`)).toBe('id-1')
    expect(parts[0]!.header.get(DEAD_LETTER_HEADERS.reason)).toBe('invalid_json')
  })

  test('is rejected while the broker cannot store it, so that nothing is settled', async () => {
    await jsm.streams.delete(DEAD_LETTER_STREAM)
    expect(
      await bury(deliveryOf(nextPlace(), 'x')).then(
        () => 'stored',
        () => 'rejected',
      ),
    ).toBe('rejected')
    await ensureDeadLetterStream(jsm)
    await bury(deliveryOf(nextPlace(), 'x'))
    expect(await stored()).toHaveLength(1)
  })
})

test('the dead-letter stream is created once and not changed', async () => {
  await bury(deliveryOf(nextPlace(), 'kept'))
  await ensureDeadLetterStream(jsm)
  expect(bytesOf(await stored()).toString()).toBe('kept')
  const { config } = await jsm.streams.info(DEAD_LETTER_STREAM)
  expect(config).toMatchObject({
    storage: 'file',
    retention: 'limits',
    discard: 'old',
    max_bytes: 1_073_741_824,
    subjects: ['analytics.dead.*'],
    max_msgs: -1,
  })
})
