import { afterEach, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'nats'
import { ensureEventStream } from '../../../../src/nats/event-stream.ts'
import { streamLimits } from '../../../../src/nats/stream-limits.ts'
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
  withConnection,
} from '../../../support/broker/local-server.ts'
import { keepingLogger, silentLogger } from '../../../support/base/silent-logger.ts'
import { until } from '../../../support/process/until.ts'

afterEach(endLocalServers, LOCAL_SERVER_TEST_MS)

describe('the local server', () => {
  test(
    'requires its password, which only its owner may read and which stays the same',
    async () => {
      const directory = newDirectory()
      const { url, passwordFile, user, password, stop } = await startLocal(directory)
      const asOther = (access: object) =>
        connect({ servers: url, reconnect: false, timeout: 2_000, ...access }).then(
          async (connection) => {
            await connection.close()
            return 'let in'
          },
          (error: unknown) => (error as { code: string }).code,
        )
      expect(await asOther({})).toBe('AUTHORIZATION_VIOLATION')
      expect(await asOther({ user, pass: 'guessed' })).toBe('AUTHORIZATION_VIOLATION')
      expect(await asOther({ user, pass: password })).toBe('let in')
      expect(readFileSync(passwordFile, 'utf8').trim()).toBe(password)
      expect(password.length).toBeGreaterThanOrEqual(43)
      const modeOf = (name: string) => (statSync(join(directory, name)).mode & 0o777).toString(8)
      expect(['password', 'address.json', 'server.conf', '.'].map(modeOf)).toEqual(['600', '600', '600', '700'])
      await stop()
      expect((await startLocal(directory)).password).toBe(password)
    },
    LOCAL_SERVER_TEST_MS,
  )

  test(
    'creates a new password where a full disk left an empty file',
    async () => {
      const directory = newDirectory()
      mkdirSync(directory, { recursive: true })
      writeFileSync(join(directory, 'password'), '')
      expect((await startLocal(directory)).password.length).toBeGreaterThanOrEqual(43)
    },
    LOCAL_SERVER_TEST_MS,
  )

  /** By its own default it offers a part of what is free at the moment, and a stream that reserves more is not restored. */
  test(
    'gives the streams the same space at every start',
    async () => {
      const directory = newDirectory()
      const { stop } = await startLocal(directory)
      const roomOf = () =>
        Number(/max_file_store: (\d+)/.exec(readFileSync(join(directory, 'server.conf'), 'utf8'))![1])
      expect(roomOf()).toBeGreaterThan(0)
      await stop()
      writeFileSync(join(directory, 'server.conf'), 'jetstream { max_file_store: 123456789 }')
      await startLocal(directory)
      expect(roomOf()).toBe(123_456_789)
      await withConnection(directory, async (connection) => {
        await ensureEventStream(await connection.jetstreamManager(), undefined, silentLogger, streamLimits())
      })
      expect(await storedCount(directory)).toBe(0)
    },
    LOCAL_SERVER_TEST_MS,
  )

  /** As a full disk leaves it: it lives and takes connections, and JetStream answers nothing. */
  test('is restarted when it runs but stores no more messages; no acknowledged message is lost', async () => {
    const directory = newDirectory()
    const logger = keepingLogger()
    await startLocal(directory, logger)
    await makeStream(directory)
    await publishStarted(directory, 'x')
    const pid = pidOf(directory)
    process.kill(pid, 'SIGSTOP')
    await until(async () => pidOf(directory) !== pid && (await publishStarted(directory, 'y')).seq === 2, 60_000)
    expect(isAlive(pid)).toBe(false)
    expect(logger.lines.map(({ message }) => message)).toContain(
      'the local nats-server has stopped storing messages, probably after a full disk; restarting it',
    )
    expect(await storedCount(directory)).toBe(2)
  }, 90_000)

  test(
    'keeps one earlier file of its log',
    async () => {
      const directory = newDirectory()
      mkdirSync(directory, { recursive: true })
      for (const day of ['01', '02', '03']) writeFileSync(join(directory, `server.log.2026.01.${day}.00.00.00`), 'x')
      await startLocal(directory)
      const earlier = () => readdirSync(directory).filter((name) => name.startsWith('server.log.'))
      await until(() => earlier().length === 1, 10_000, 'the others to be deleted')
      expect(earlier()).toEqual(['server.log.2026.01.03.00.00.00'])
      expect(readFileSync(join(directory, 'server.conf'), 'utf8')).toContain('logfile_size_limit: 10485760')
    },
    LOCAL_SERVER_TEST_MS,
  )
})
