import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Child, launch } from '../../support/process/children.ts'
import {
  endLocalServers,
  isAlive,
  LOCAL_SERVER_TEST_MS,
  makeStream,
  newDirectory,
  pidOf,
  publishStarted,
  startLocal,
  storedCount,
} from '../../support/broker/local-server.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const projectDir = resolve(import.meta.dir, '../../..')
afterEach(endLocalServers, LOCAL_SERVER_TEST_MS)

/** A process that starts a local server over `directory` and stays; what it says stands in the log. */
function startInChild(directory: string, path = process.env['PATH'] ?? ''): Promise<Child> {
  const script = `
    import { systemClock } from '../../../src/base/clock.ts'
    import { startLocalServer } from '../../../src/nats/server/local-server.ts'
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
    'stores messages, also over 1 MiB, on the loopback interface, and stops with the service',
    async () => {
      const directory = newDirectory()
      const server = await startLocal(directory)
      expect(server.url).toStartWith('nats://127.0.0.1:')
      expect(JSON.parse(readFileSync(join(directory, 'address.json'), 'utf8'))).toMatchObject({ url: server.url })
      await makeStream(directory)
      await publishStarted(directory, new Uint8Array(2 * 1_048_576))
      expect(await storedCount(directory)).toBe(1)
      const pid = pidOf(directory)
      await server.stop()
      expect(isAlive(pid)).toBe(false)
      expect(existsSync(join(directory, 'address.json'))).toBe(false)
      await startLocal(directory)
      expect(await storedCount(directory)).toBe(1)
    },
    LOCAL_SERVER_TEST_MS,
  )

  test(
    'is restarted after a kill, at the same address, with the same data',
    async () => {
      const directory = newDirectory()
      const logger = keepingLogger()
      await startLocal(directory, logger)
      await makeStream(directory)
      await publishStarted(directory, 'x')
      const pid = pidOf(directory)
      process.kill(pid, 'SIGKILL')
      await until(async () => pidOf(directory) !== pid && (await storedCount(directory)) === 1, 20_000)
      expect(logger.lines.map(({ message }) => message)).toContain('the local nats-server exited; restarting it')
    },
    LOCAL_SERVER_TEST_MS,
  )

  test(
    'of a killed service is ended first; its data stay',
    async () => {
      const directory = newDirectory()
      const predecessor = await startInChild(directory)
      await until(() => readFileSync(`${directory}.log`, 'utf8').includes('started'), 20_000)
      const leftover = pidOf(directory)
      await makeStream(directory)
      await publishStarted(directory, 'x')
      await predecessor.end('SIGKILL')
      expect(isAlive(leftover)).toBe(true)
      await startLocal(directory)
      expect(isAlive(leftover)).toBe(false)
      expect(await storedCount(directory)).toBe(1)
    },
    LOCAL_SERVER_TEST_MS,
  )

  test(
    'of another directory is not touched',
    async () => {
      const directory = newDirectory()
      const first = await startLocal(directory)
      const second = await startLocal(newDirectory())
      expect(second.url).not.toBe(first.url)
      await makeStream(directory)
      expect(await storedCount(directory)).toBe(0)
    },
    LOCAL_SERVER_TEST_MS,
  )

  /** The server writes &, < and > of its name differently in its greeting, and newer ones refuse spaces: ours was not recognised, and the start failed. */
  test(
    'starts in a directory with any name',
    async () => {
      for (const name of ['R&D <new>', `it's "quoted" \\ back`, 'ünïcödé 漢字 😀']) {
        const directory = newDirectory(name)
        await startLocal(directory)
        await makeStream(directory)
        expect(await storedCount(directory)).toBe(0)
      }
    },
    LOCAL_SERVER_TEST_MS,
  )

  test(
    'reports what to install when there is no nats-server',
    async () => {
      const directory = newDirectory()
      const child = await startInChild(directory, '/nowhere')
      await child.exited
      expect(readFileSync(`${directory}.log`, 'utf8')).toContain(
        'StartFailure: nats-server cannot be started: install it (apt-get install nats-server)',
      )
    },
    LOCAL_SERVER_TEST_MS,
  )
})
