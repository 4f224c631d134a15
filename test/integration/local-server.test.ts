import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { systemClock } from '../../src/clock.ts'
import { type LocalServer, startLocalServer } from '../../src/nats/local-server.ts'
import { type Child, launch } from '../support/children.ts'
import { publish } from '../support/nats-server.ts'
import { keepingLogger, silentLogger } from '../support/silent-logger.ts'
import { until } from '../support/until.ts'

const TEST_MS = 40_000
const projectDir = resolve(import.meta.dir, '../..')
const servers: LocalServer[] = []
const directories: string[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true })
}, TEST_MS)

function newDirectory(name = 'plain'): string {
  const parent = mkdtempSync(join(tmpdir(), 'outreach-local-'))
  directories.push(parent)
  return join(parent, name)
}

async function start(directory: string, logger = silentLogger) {
  const server = await startLocalServer(directory, systemClock, logger)
  servers.push(server)
  return server
}

const pidOf = (directory: string) =>
  (JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8')) as { pid: number }).pid

/** Runs, or has ended without anybody having asked how. */
function isAlive(pid: number): boolean {
  const status = `/proc/${pid}/status`
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, 'utf8'))
}

async function storedCount(url: string): Promise<number> {
  const connection = await connect({ servers: url, reconnect: false, timeout: 1_000 })
  try {
    const jsm = await connection.jetstreamManager()
    return (await jsm.streams.info('EVENTS')).state.messages
  } finally {
    await connection.close()
  }
}

async function makeStream(url: string): Promise<void> {
  const connection = await connect({ servers: url })
  await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
  await connection.close()
}

/** A process that starts a local server over `directory` and stays; what it says stands in the log. */
function startInChild(directory: string, path = process.env['PATH'] ?? ''): Promise<Child> {
  const script = `
    import { systemClock } from './src/clock.ts'
    import { startLocalServer } from './src/nats/local-server.ts'
    const logger = { debug() {}, info() {}, warn() {}, error() {} }
    try {
      const { url } = await startLocalServer(process.argv[1], systemClock, logger)
      console.log('started ' + url)
      setInterval(() => {}, 1000)
    } catch (error) {
      console.log(error.name + ': ' + error.message)
    }`
  const program = process.execPath
  const log = { logFile: `${directory}.log`, cwd: projectDir }
  return launch({ program, args: ['-e', script, directory], env: { PATH: path }, ...log }, 'There is no bun.')
}

describe('the local server', () => {
  test(
    'takes and keeps messages, on the loopback interface, with room for messages over 1 MiB, and stops with us',
    async () => {
      const directory = newDirectory()
      const server = await start(directory)
      expect(server.url).toStartWith('nats://127.0.0.1:')
      expect(JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8'))).toMatchObject({ url: server.url })
      await makeStream(server.url)
      await publish(server.url, [['campaign.started', new Uint8Array(2 * 1_048_576)]])
      expect(await storedCount(server.url)).toBe(1)
      const pid = pidOf(directory)
      await server.stop()
      expect(isAlive(pid)).toBe(false)
      expect(existsSync(join(directory, 'address.json'))).toBe(false)
      expect(await storedCount((await start(directory)).url)).toBe(1)
    },
    TEST_MS,
  )

  test(
    'is started again when it is killed, at the same address, with the same data',
    async () => {
      const directory = newDirectory()
      const logger = keepingLogger()
      const { url } = await start(directory, logger)
      await makeStream(url)
      await publish(url, [['campaign.started', 'x']])
      const pid = pidOf(directory)
      process.kill(pid, 'SIGKILL')
      await until(async () => pidOf(directory) !== pid && (await storedCount(url)) === 1, 20_000)
      expect(logger.lines.map(({ message }) => message)).toContain('the local nats-server died and is restarted')
    },
    TEST_MS,
  )

  test(
    'that a killed predecessor left behind is ended first; its data stay',
    async () => {
      const directory = newDirectory()
      const predecessor = await startInChild(directory)
      await until(() => readFileSync(`${directory}.log`, 'utf8').includes('started'), 20_000)
      const leftover = pidOf(directory)
      const { url } = JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8')) as { url: string }
      await makeStream(url)
      await publish(url, [['campaign.started', 'x']])
      await predecessor.end('SIGKILL')
      expect(isAlive(leftover)).toBe(true)
      const successor = await start(directory)
      expect(isAlive(leftover)).toBe(false)
      expect(await storedCount(successor.url)).toBe(1)
    },
    TEST_MS,
  )

  test(
    'of another directory is left alone',
    async () => {
      const first = await start(newDirectory())
      const directory = newDirectory()
      const second = await start(directory)
      expect(second.url).not.toBe(first.url)
      await makeStream(first.url)
      expect(await storedCount(first.url)).toBe(0)
    },
    TEST_MS,
  )

  /** The server writes &, < and > of its name differently in its greeting, and newer ones refuse spaces: ours was not recognised, and the start failed. */
  test(
    'starts in a directory with any name',
    async () => {
      for (const name of ['R&D <new>', `it's "quoted" \\ back`, 'ünïcödé 漢字 😀']) {
        const { url } = await start(newDirectory(name))
        await makeStream(url)
        expect(await storedCount(url)).toBe(0)
      }
    },
    TEST_MS,
  )

  test(
    'says what to install when there is no nats-server',
    async () => {
      const directory = newDirectory()
      const child = await startInChild(directory, '/nowhere')
      await child.exited
      expect(readFileSync(`${directory}.log`, 'utf8')).toContain(
        'StartFailure: nats-server cannot be started: install it (apt-get install nats-server)',
      )
    },
    TEST_MS,
  )
})
