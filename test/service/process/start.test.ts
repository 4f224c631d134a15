import { afterEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../support/process/ports.ts'
import { spawnService } from '../../support/process/service.ts'

/** Starts that must fail. */
describe('a start with an invalid configuration', () => {
  const root = mkdtempSync(join(tmpdir(), 'outreach-start-'))
  afterEach(() => rmSync(root, { recursive: true, force: true }))

  async function endOf(env: Record<string, string>, secret?: string) {
    const logFile = `${root}.log`
    const dataDir = join(root, 'data')
    const place = { dataDir, port: await freePort(), logFile, ...(secret === undefined ? {} : { secret }) }
    const child = await spawnService({ natsUrl: 'nats://127.0.0.1:1', env }, place)
    const { code } = await child.exited
    const log = readFileSync(logFile, 'utf8')
    rmSync(logFile)
    return { code, log, opened: existsSync(dataDir) }
  }

  test('prints every problem at once with its variable, and exits with 2 before anything is opened', async () => {
    const { code, log, opened } = await endOf({ FLUSH_INTERVAL_MS: 'soon', BUFFER_SIZE: '-1', LOG_LEVEL: 'loud' })
    expect([code, opened]).toEqual([2, false])
    for (const variable of ['FLUSH_INTERVAL_MS', 'BUFFER_SIZE', 'LOG_LEVEL']) expect(log).toContain(variable)
  }, 30_000)

  test('rejects a secret of less than 32 bytes, without printing it', async () => {
    const { code, log, opened } = await endOf({}, 'short-and-guessable')
    expect([code, opened]).toEqual([2, false])
    expect(log).toContain('JWT_SECRET')
    expect(log).not.toContain('short-and-guessable')
  }, 30_000)

  test('rejects a ClickHouse server without a way to verify tokens', async () => {
    const { code, log, opened } = await endOf({ CLICKHOUSE_URL: 'http://127.0.0.1:1' })
    expect([code, opened]).toEqual([2, false])
    expect(log).toContain('JWT_')
  }, 30_000)
})
