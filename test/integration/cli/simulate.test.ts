import { afterAll, beforeAll, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import type { NatsConnection } from 'nats'
import { launch } from '../../support/process/children.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import type { NatsServer } from '../../support/broker/nats-server.ts'
import { freePort } from '../../support/process/ports.ts'

const subjects = [
  'pipeline.message.*',
  'campaign.*',
  'workflow.run.*',
  'sequence.step.executed',
  'sequence.enrollment.*',
  'contact.*',
]
let server: NatsServer
let connection: NatsConnection
let dir: string

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'outreach-simulate-'))
  server = await startNatsServer()
  connection = await connect({ servers: server.url })
})

afterAll(async () => {
  await connection?.close()
  await server?.stop()
  rmSync(dir, { recursive: true, force: true })
})

/** Runs the command and gives its exit code and all it printed. `after` gets its process id once it runs. */
async function simulate(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  after?: (pid: number) => Promise<void>,
) {
  const logFile = join(dir, `${crypto.randomUUID()}.log`)
  const command = {
    program: process.execPath,
    args: ['src/cli/simulate.ts', ...args],
    env: { DATA_DIR: dir, ...env },
    logFile,
  }
  const child = await launch(command, 'The test runner itself is missing.')
  await after?.(child.pid)
  const { code } = await child.exited
  return { code, output: readFileSync(logFile, 'utf8') }
}

async function withStream<Result>(work: (count: () => Promise<number>) => Promise<Result>): Promise<Result> {
  const manager = await connection.jetstreamManager()
  await manager.streams.add({ name: 'EVENTS', subjects })
  try {
    return await work(async () => (await manager.streams.info('EVENTS')).state.messages)
  } finally {
    await manager.streams.delete('EVENTS')
  }
}

/** From the summary: how many messages were acknowledged, and how many of them the broker knew. */
function readSummary(output: string): { published: number; repeats: number } {
  const [, published = '', repeats = ''] = /Published ([\d,]+) events.* ([\d,]+) repeats/.exec(output) ?? []
  return { published: Number(published.replaceAll(',', '')), repeats: Number(repeats.replaceAll(',', '')) }
}

test('publishes rate times duration, and the stream holds all events except duplicates', async () => {
  await withStream(async (storedCount) => {
    const { code, output } = await simulate(['--rate', '500', '--tenants', '5', '--duration', '2'], {
      NATS_URL: server.url,
    })
    const { published, repeats } = readSummary(output)
    expect({ code, published }).toEqual({ code: 0, published: 1_000 })
    expect(await storedCount()).toBe(published - repeats)
    expect(output).toMatch(
      /live: [\d,]+ published, [\d,]+\/s, [\d,]+ awaiting acknowledgement, 0:01 elapsed, 0:01 left/,
    )

    const first = await connection
      .jetstream()
      .consumers.get('EVENTS')
      .then((consumer) => consumer.next())
    const envelope = first?.json<{ eventId: string; tenantId: string }>()
    expect(first?.headers?.get('Nats-Msg-Id')).toBe(`${envelope?.tenantId}:${envelope?.eventId}`)
  })
})

test('publishes a history of the requested size to the local broker of the address file', async () => {
  await withStream(async (storedCount) => {
    mkdirSync(join(dir, 'nats'), { recursive: true })
    writeFileSync(
      join(dir, 'nats', 'address.json'),
      JSON.stringify({ url: server.url, port: server.port, pid: server.pid }),
    )
    const { code, output } = await simulate(['--backfill', '90d', '--backfill-events', '5000'], {})
    const { published, repeats } = readSummary(output)
    expect(code).toBe(0)
    expect(published - repeats).toBe(5_000)
    expect(await storedCount()).toBe(5_000)
    // Of the past that was asked for, and no other: events of another time would all be refused.
    const consumer = await connection.jetstream().consumers.get('EVENTS')
    const ages: number[] = []
    for await (const message of await consumer.fetch({ max_messages: 500, expires: 5_000 }))
      ages.push(Date.now() - Date.parse(message.json<{ timestamp: string }>().timestamp))
    expect(ages).toHaveLength(500)
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...ages)).toBeLessThan(91 * 86_400_000)
  })
})

test('completes its publishes and prints its totals when it is interrupted', async () => {
  await withStream(async (storedCount) => {
    const { code, output } = await simulate(['--duration', '0'], { NATS_URL: server.url }, async (pid) => {
      while ((await storedCount()) < 100) await new Promise((resolve) => setTimeout(resolve, 20))
      process.kill(pid, 'SIGINT')
    })
    const { published, repeats } = readSummary(output)
    expect(code).toBe(0)
    expect(published - repeats).toBe(await storedCount())
    expect(output).toContain(' 0 failed')
  })
})

test('tells how to start the service when no stream captures the events', async () => {
  const { code, output } = await simulate(['--duration', '60'], { NATS_URL: server.url })
  expect(code).toBe(1)
  expect(output).toContain('No stream takes these subjects. Start the service first ("npm start")')
})

test('tells to run npm start when there is no local broker, or when it does not answer', async () => {
  const missing = await simulate([], { DATA_DIR: join(dir, 'nowhere') })
  expect(missing.code).toBe(1)
  expect(missing.output).toContain('Run "npm start" first')

  mkdirSync(join(dir, 'gone', 'nats'), { recursive: true })
  writeFileSync(
    join(dir, 'gone', 'nats', 'address.json'),
    JSON.stringify({ url: `nats://127.0.0.1:${await freePort()}`, port: 1, pid: 1 }),
  )
  const gone = await simulate([], { DATA_DIR: join(dir, 'gone') })
  expect(gone.code).toBe(1)
  expect(gone.output).toContain('does not answer')
  expect(gone.output).toContain('Run "npm start" first')
})

test('prints every problem of a wrong command line with the usage and exits 2', async () => {
  const { code, output } = await simulate(['--rate', 'fast', '--speed', '--backfill=1y'], {})
  expect(code).toBe(2)
  expect(output).toContain('--rate must be')
  expect(output).toContain('--speed is not an option')
  expect(output).toContain('--backfill must be')
  expect(output).toContain('npm run simulate -- [options]')
})

test('prints its usage with --help', async () => {
  const { code, output } = await simulate(['--help'], {})
  expect(code).toBe(0)
  expect(output).toStartWith('Publishes a life-like mix of events')
})
