import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sendControlRequest, openControlSocket } from '../../../src/host/data-directory/control-socket.ts'
import { CommandFailure } from '../../../src/base/errors.ts'
import { lockDataDirectory } from '../../../src/host/data-directory/data-directory-lock.ts'
import { type Child, launch } from '../../support/process/children.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { until } from '../../support/process/until.ts'

const projectDir = resolve(import.meta.dir, '../../..')

/** Longer than a socket's path may be; the last one only in bytes. */
describe.each([
  ['short', 'plain'],
  ['long', 'x'.repeat(150)],
  ['long in bytes', '漢'.repeat(40)],
])('a data directory with a path that is %s', (_, name) => {
  let parent = ''
  let directory = ''
  let child: Child | undefined
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'outreach-long-'))
    directory = join(parent, name)
    mkdirSync(directory)
  })
  afterEach(async () => {
    await child?.end('SIGKILL')
    rmSync(parent, { recursive: true })
  }, 30_000)

  test('is locked by a socket in it, for one process, until that process ends', async () => {
    const before = new Set(readdirSync(tmpdir()))
    const script = `import { lockDataDirectory } from './src/host/data-directory/data-directory-lock.ts'
      await lockDataDirectory(process.argv[1])
      console.log('locked')
      setInterval(() => {}, 1000)`
    child = await launch(
      {
        program: process.execPath,
        args: ['-e', script, directory],
        env: {},
        logFile: join(parent, 'log'),
        cwd: projectDir,
      },
      'There is no bun.',
    )
    await until(() => readFileSync(join(parent, 'log'), 'utf8').includes('locked'), 10_000, 'the lock')
    expect(existsSync(join(directory, 'lock.sock'))).toBe(true)
    // The lock's holder hangs up at once, which the other side may see as a connection or as a reset.
    for (let n = 0; n < 40; n++)
      expect(await lockDataDirectory(directory).then(() => 'locked', String)).toContain('is in use by another process')
    await child.end('SIGKILL')
    await lockDataDirectory(directory)
    const added = readdirSync(tmpdir()).filter((entry) => !before.has(entry) && entry.endsWith('.sock'))
    expect(added).toEqual([])
  }, 30_000)

  test('is locked by one of several processes that start at the same moment, also after a killed one', async () => {
    const go = join(parent, 'go')
    const script = `import { existsSync } from 'node:fs'
      import { lockDataDirectory } from './src/host/data-directory/data-directory-lock.ts'
      console.log('ready')
      while (!existsSync(process.argv[2])) await new Promise((resolve) => setImmediate(resolve))
      await lockDataDirectory(process.argv[1]).then(() => console.log('locked'), () => console.log('refused'))
      setInterval(() => {}, 1000)`
    for (let round = 0; round < 4; round++) {
      rmSync(go, { force: true })
      const logs = [0, 1, 2].map((n) => join(parent, `log-${round}-${n}`))
      const said = (text: string) => logs.filter((log) => readFileSync(log, 'utf8').includes(text)).length
      const started = await Promise.all(
        logs.map((logFile) =>
          launch(
            { program: process.execPath, args: ['-e', script, directory, go], env: {}, logFile, cwd: projectDir },
            'There is no bun.',
          ),
        ),
      )
      try {
        await until(() => said('ready') === 3, 10_000, 'the processes to begin')
        writeFileSync(go, '')
        await until(() => said('locked') + said('refused') === 3, 10_000, 'the lock to be decided')
        expect([said('locked'), said('refused')]).toEqual([1, 2])
      } finally {
        // Its socket stays behind, for the next round.
        await Promise.all(started.map((each) => each.end('SIGKILL')))
      }
    }
    // What the dead left behind does not pile up.
    expect(readdirSync(directory)).toEqual(['lock-3.sock'])
  }, 60_000)

  test('has a control socket for its owner only, which streams responses and reports unexpected errors', async () => {
    const reported: unknown[] = []
    const LINES = 20_000
    const handler = async function* (request: unknown) {
      const { failure, error } = request as { readonly failure?: string; readonly error?: string }
      yield { got: request }
      if (failure !== undefined) throw new CommandFailure(failure)
      if (error !== undefined) throw new TypeError(error)
      for (let line = 1; line < LINES; line++) yield { line, text: 'x'.repeat(100) }
    }
    openControlSocket(directory, handler, {
      logger: silentLogger,
      report: (...report: unknown[]) => void reported.push(report),
    })
    const send = async (request: object) => {
      const lines: object[] = []
      for await (const line of (await sendControlRequest(directory, request))!) lines.push(line)
      return lines
    }
    await until(async () => (await sendControlRequest(directory, { a: 1 })) !== undefined, 10_000, 'the socket')
    const lines = await send({ a: 1 })
    expect([lines[0], lines.at(-1), lines.length]).toEqual([
      { got: { a: 1 } },
      { line: LINES - 1, text: 'x'.repeat(100) },
      LINES,
    ])
    expect(await send({ failure: 'no such key' }).catch(String)).toContain('no such key')
    expect(reported).toEqual([])
    expect(await send({ error: 'unexpected' }).catch(String)).toContain('unexpected')
    expect(reported).toHaveLength(1)
    await until(() => (statSync(join(directory, 'control.sock')).mode & 0o777) === 0o600, 5_000, 'its mode')
  }, 30_000)
})
