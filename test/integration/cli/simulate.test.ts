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
    args: ['src/cli/main.ts', 'simulate', ...args],
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
function readSummary(output: string): { published: number; duplicates: number } {
  const [, published = '', duplicates = ''] = /Published ([\d,]+) events.* ([\d,]+) duplicates?/.exec(output) ?? []
  return { published: Number(published.replaceAll(',', '')), duplicates: Number(duplicates.replaceAll(',', '')) }
}

test('publishes rate times duration, and the stream holds all but the duplicates', async () => {
  await withStream(async (storedCount) => {
    const { code, output } = await simulate(['--rate', '500', '--tenants', '5', '--duration', '2'], {
      NATS_URL: server.url,
    })
    const { published, duplicates } = readSummary(output)
    expect({ code, published }).toEqual({ code: 0, published: 1_000 })
    expect(await storedCount()).toBe(published - duplicates)
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

test('publishes a history of exactly the requested size, to the local broker of the address file', async () => {
  await withStream(async (storedCount) => {
    mkdirSync(join(dir, 'nats'), { recursive: true })
    writeFileSync(
      join(dir, 'nats', 'address.json'),
      JSON.stringify({ url: server.url, port: server.port, pid: server.pid }),
    )
    const { code, output } = await simulate(['--backfill', '90d', '--backfill-events', '5000'], {})
    const { published, duplicates } = readSummary(output)
    expect(code).toBe(0)
    expect(published - duplicates).toBe(5_000)
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

test('waits for pending acknowledgements and prints the summary when it is interrupted', async () => {
  await withStream(async (storedCount) => {
    const { code, output } = await simulate(['--duration', '0'], { NATS_URL: server.url }, async (pid) => {
      while ((await storedCount()) < 100) await new Promise((resolve) => setTimeout(resolve, 20))
      process.kill(pid, 'SIGINT')
    })
    const { published, duplicates } = readSummary(output)
    expect(code).toBe(0)
    expect(published - duplicates).toBe(await storedCount())
    expect(output).toContain(' 0 failed')
  })
})

test('recommends to start the service when no stream captures the events', async () => {
  const { code, output } = await simulate(['--duration', '60'], { NATS_URL: server.url })
  expect(code).toBe(1)
  expect(output).toContain('No stream captures these subjects. Start the service first ("npm start")')
})

test('recommends npm start when there is no local broker, or when it does not respond', async () => {
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
  expect(gone.output).toContain('does not respond')
  expect(gone.output).toContain('Run "npm start" first')
})

test('prints the problem of a wrong command line with the usage and exits with 2', async () => {
  for (const [args, problem] of [
    [['--rate', 'fast'], "'--rate <n>' argument 'fast' is invalid. It must be a whole number from 1 to 100000."],
    [['--tenants', '0'], 'It must be a whole number from 1 to 10000.'],
    [['--duration', '-1'], 'It must be a whole number from 0 to 31536000.'],
    [['--speed'], "Unknown option '--speed'"],
    [['--seed'], "'--seed <n>' argument missing"],
    [['--backfill=1y'], 'It must be hours, days or weeks up to 728 days'],
    [['--backfill-events', '10'], '--backfill-events requires --backfill'],
    [['90d'], 'Too many arguments'],
  ] as const) {
    const { code, output } = await simulate(args, {})
    expect([args, code]).toEqual([args, 2])
    expect(output).toContain(problem)
    expect(output).toContain('npm run simulate -- [options]')
  }
})

test('prints its options with --help', async () => {
  const { code, output } = await simulate(['--help'], {})
  expect(code).toBe(0)
  expect(output).toStartWith('Usage: npm run simulate -- [options]')
  for (const option of ['--rate', '--tenants', '--duration', '--backfill', '--backfill-events', '--seed'])
    expect(output).toContain(`  ${option} <`)
})
