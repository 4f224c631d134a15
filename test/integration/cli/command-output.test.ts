import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Glob } from 'bun'
import type { NatsConnection } from 'nats'
import { connectNats } from '../../../src/nats/connection.ts'
import { DeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { ensureDeadLetterStream } from '../../../src/nats/dead-letters/dead-letter-stream.ts'
import { ensureEventStream } from '../../../src/nats/event-stream.ts'
import { runCli } from '../../support/process/cli.ts'
import { deliveryOf } from '../../support/ingest/event-samples.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'

/** Clears the screen, writes the clipboard, sets the title (with a one-byte introducer), turns the direction of writing. */
const HOSTILE = '\u001b[2J \u001b]52;c;aGk=\u0007 \u009d0;title\u009c \u202e \u007f'
const OBEYED = /(?!\n)[\p{Cc}\u202e]/u

describe('the output of the commands', () => {
  let server: NatsServer
  let connection: NatsConnection
  const directory = mkdtempSync(join(tmpdir(), 'outreach-output-'))
  beforeAll(async () => {
    server = await startNatsServer()
    connection = await connectNats({ servers: [server.url], name: 'test' })
    const jsm = await connection.jetstreamManager()
    await ensureEventStream(jsm, undefined, silentLogger)
    await ensureDeadLetterStream(jsm)
    await new DeadLetterStream(connection).put({
      delivery: deliveryOf(1, `{"text": "${HOSTILE}"`, {
        subject: `sequence.enrollment.${HOSTILE.replaceAll(/[ .]/g, '-')}`,
        headers: new Map([['X-Title', [HOSTILE]]]),
      }),
      reason: 'invalid_json',
      message: `No JSON: ${HOSTILE}`,
    })
  }, 30_000)
  afterAll(async () => {
    await connection.close()
    await server.stop()
    rmSync(directory, { recursive: true })
  }, 30_000)
  const run = (name: string, ...args: string[]) => runCli(name, args, { NATS_URL: server.url, DATA_DIR: directory })

  test.each([
    ['dead-letters list', ['list']],
    ['dead-letters show', ['show', '1']],
    ['dead-letters replay', ['replay']],
    ['dead-letters show with a hostile number', ['show', HOSTILE]],
  ])('%s: prints control characters of an event escaped', async (_, args) => {
    const { output } = await run('dead-letters', ...args)
    expect(output).not.toMatch(OBEYED)
    if (args[1] !== HOSTILE) expect(output).toContain('\\u001b')
  })

  test('dead-letters show --raw: prints the original bytes only', async () => {
    expect((await run('dead-letters', 'show', '1', '--raw')).output).toBe(`{"text": "${HOSTILE}"`)
  })

  test('import: reports a line that is not an event in one line, without its control characters', async () => {
    const file = join(directory, 'history.ndjson')
    writeFileSync(file, `${JSON.stringify({ subject: `nobody ${HOSTILE}\nPublished 7 events.` })}\n`)
    const { output, code } = await run('import', file)
    expect(code).toBe(1)
    expect(output).not.toMatch(OBEYED)
    expect(output).not.toMatch(/^Published 7 events/m)
  })

  test('is written in one place', async () => {
    const cli = join(import.meta.dir, '../../../src/cli')
    const files = await Array.fromAsync(new Glob('**/*.ts').scan({ cwd: cli }))
    const texts = await Promise.all(files.map(async (file) => [file, await Bun.file(join(cli, file)).text()] as const))
    const direct = texts.filter(([, text]) => /process\.std(out|err)\.write|console\./.test(text))
    expect(direct.map(([file]) => file)).toEqual(['output.ts'])
  })
})
