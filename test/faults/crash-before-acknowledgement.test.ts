import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { type NatsServer, publish, startNatsServer } from '../support/broker/nats-server.ts'

const EVENT_COUNT = 3_000
const DAY_MS = 86_400_000
const KINDS = ['delivered', 'opened', 'sent'] as const

interface Stored {
  readonly rows: number
  readonly ids: number
  /** The sent messages in the facts. */
  readonly messages: number
  /** Their facts are not what their events say. */
  readonly wrongMessages: number
  /** Of which there are two facts. */
  readonly doubledMessages: number
}

describe('killed between the store and the acknowledgement', () => {
  let nats: NatsServer
  let path: string
  afterEach(async () => {
    await nats.stop()
    rmSync(path, { recursive: true, force: true })
  })

  /** What is stored after ingestion was killed twice and has finished; with options around the first kill and around the second one. */
  async function storedAfterCrashes(first: string[] = [], second: string[] = first): Promise<Stored> {
    nats = await startNatsServer()
    path = mkdtempSync(join(tmpdir(), 'outreach-crash-'))
    await createStream(nats.url)
    // Between the events and their facts.
    await publish(nats.url, eventsOf('delivered', 'opened'))
    expect((await ingest(['--die-after-inserts', '1', ...first])).signal).toBe('SIGKILL')
    expect((await ingest(first)).code).toBe(0)
    // Between the two inserts of messages that move to another month.
    await publish(nats.url, eventsOf('sent'))
    expect((await ingest(['--die-after-facts', '1', ...second])).signal).toBe('SIGKILL')
    const { code, output } = await ingest(second)
    expect(code).toBe(0)
    return JSON.parse(output) as Stored
  }

  /** Ingestion dies between the events and their facts, and the stream is purged: nothing is delivered again. What the next process has stored then. */
  async function storedAfterPurge(...options: string[]): Promise<Stored> {
    nats = await startNatsServer()
    path = mkdtempSync(join(tmpdir(), 'outreach-crash-'))
    await createStream(nats.url)
    await publish(nats.url, eventsOf('sent'))
    expect((await ingest(['--die-before-facts', '1', '--repair-facts'])).signal).toBe('SIGKILL')
    const connection = await connect({ servers: nats.url })
    const jsm = await connection.jetstreamManager()
    await jsm.streams.purge('EVENTS')
    await jsm.consumers.delete('EVENTS', 'analytics')
    await connection.close()
    const { output } = await ingest(options)
    return JSON.parse(output) as Stored
  }

  async function ingest(options: string[]) {
    const script = join(import.meta.dir, 'processes/ingest-process.ts')
    const child = Bun.spawn([process.execPath, script, '--path', path, '--nats', nats.url, ...options], {
      stdout: 'pipe',
      stderr: 'inherit',
    })
    const output = await new Response(child.stdout).text()
    await child.exited
    return { code: child.exitCode, signal: child.signalCode, output }
  }

  test('every event is stored exactly once, and the facts of each message are what its events say', async () => {
    expect(await storedAfterCrashes()).toEqual({
      rows: EVENT_COUNT,
      ids: EVENT_COUNT,
      messages: EVENT_COUNT / KINDS.length,
      wrongMessages: 0,
      doubledMessages: 0,
    })
  })

  test('control: without the lookup, events are stored twice', async () => {
    const { rows, ids } = await storedAfterCrashes(['--without-lookup'])
    expect(ids).toBe(EVENT_COUNT)
    expect(rows).toBeGreaterThan(EVENT_COUNT)
  })

  test('control: without the events that are delivered again, facts lack events', async () => {
    const { rows, wrongMessages, doubledMessages } = await storedAfterCrashes(['--without-repeated-facts'], [])
    expect([rows, doubledMessages]).toEqual([EVENT_COUNT, 0])
    expect(wrongMessages).toBeGreaterThan(0)
  })

  test('control: without the events that are delivered again, messages are in two months', async () => {
    const { rows, doubledMessages } = await storedAfterCrashes([], ['--without-repeated-facts'])
    expect(rows).toBe(EVENT_COUNT)
    expect(doubledMessages).toBeGreaterThan(0)
  })

  test('the facts contain every stored event although nothing is delivered again', async () => {
    const { rows, messages } = await storedAfterPurge('--repair-facts')
    expect(rows).toBeGreaterThan(0)
    expect(messages).toBe(rows)
  })

  test('control: without the repair, stored events are missing in the facts', async () => {
    const { rows, messages } = await storedAfterPurge()
    expect(messages).toBeLessThan(rows)
  })
})

async function createStream(url: string): Promise<void> {
  const connection = await connect({ servers: url })
  await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await connection.close()
}

/** Of the three events of each message. The sending lies in another month than the others. */
function eventsOf(...kinds: readonly (typeof KINDS)[number][]) {
  const now = Date.now()
  return Array.from({ length: EVENT_COUNT }, (_, index) => {
    const kind = KINDS[index % KINDS.length]!
    const message = Math.floor(index / KINDS.length)
    const data = { messageId: `m-${message}`, channel: 'email' }
    const timestamp = now - index - (kind === 'sent' ? 35 * DAY_MS : 0)
    const event = { eventId: `e-${index}`, tenantId: `tenant-${message % 7}`, timestamp, data }
    return { kind, published: [`pipeline.message.${kind}`, event] as const }
  }).flatMap(({ kind, published }) => (kinds.includes(kind) ? [published] : []))
}
