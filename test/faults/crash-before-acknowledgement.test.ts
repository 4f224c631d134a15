import { afterEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { type NatsServer, publish, startNatsServer } from '../support/broker/nats-server.ts'

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
  async function storedAfterCrashes(...options: string[]): Promise<{ rows: number; ids: number }> {
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
    return JSON.parse(output) as { rows: number; ids: number }
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
    expect(await storedAfterCrashes()).toEqual({ rows: EVENT_COUNT, ids: EVENT_COUNT })
  })

  test('control: without the lookup, events are stored twice', async () => {
    const { rows, ids } = await storedAfterCrashes('--without-lookup')
    expect(ids).toBe(EVENT_COUNT)
    expect(rows).toBeGreaterThan(EVENT_COUNT)
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
