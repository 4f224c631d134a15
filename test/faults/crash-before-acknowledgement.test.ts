import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { type NatsServer, publish, startNatsServer } from '../support/broker/nats-server.ts'

interface Stored {
  readonly rows: number
  readonly ids: number
  /** The messages in the facts. */
  readonly messages: number
}

const EVENT_COUNT = 3_000
const CRASH_COUNT = 3

describe('killed between the store and the acknowledgement', () => {
  let nats: NatsServer
  let path: string
  afterEach(async () => {
    await nats.stop()
    rmSync(path, { recursive: true, force: true })
  })

  /** Publishes in parts, lets ingestion die right after an insert of each, lets it finish; what is stored then. */
  async function storedAfterCrashes(...options: string[]): Promise<Stored> {
    nats = await startNatsServer()
    path = mkdtempSync(join(tmpdir(), 'outreach-crash-'))
    await createStream(nats.url)
    for (let crash = 0; crash < CRASH_COUNT; crash++) {
      await publish(
        nats.url,
        events().filter((_, index) => index % CRASH_COUNT === crash),
      )
      const { signal } = await ingest(['--die-after-inserts', '1', ...options])
      expect(signal).toBe('SIGKILL')
    }
    const { code, output } = await ingest(options)
    expect(code).toBe(0)
    return JSON.parse(output) as Stored
  }

  /** Ingestion dies between the events and their facts, and the stream is purged: nothing is delivered again. What the next process has stored then. */
  async function storedAfterPurge(...options: string[]): Promise<Stored> {
    nats = await startNatsServer()
    path = mkdtempSync(join(tmpdir(), 'outreach-crash-'))
    await createStream(nats.url)
    await publish(nats.url, events())
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
    const script = join(import.meta.dir, 'ingest-process.ts')
    const child = Bun.spawn([process.execPath, script, '--path', path, '--nats', nats.url, ...options], {
      stdout: 'pipe',
      stderr: 'inherit',
    })
    const output = await new Response(child.stdout).text()
    await child.exited
    return { code: child.exitCode, signal: child.signalCode, output }
  }

  test('every event is stored exactly once', async () => {
    expect(await storedAfterCrashes()).toEqual({ rows: EVENT_COUNT, ids: EVENT_COUNT, messages: EVENT_COUNT })
  })

  test('control: without the lookup, events are stored twice', async () => {
    const { rows, ids } = await storedAfterCrashes('--without-lookup')
    expect(ids).toBe(EVENT_COUNT)
    expect(rows).toBeGreaterThan(EVENT_COUNT)
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

function events() {
  const now = Date.now()
  return Array.from({ length: EVENT_COUNT }, (_, index) => {
    const data = { messageId: `m-${index}`, channel: 'email' }
    const envelope = { eventId: `e-${index}`, tenantId: `tenant-${index % 7}`, timestamp: now - index, data }
    return ['pipeline.message.sent', envelope] as const
  })
}
