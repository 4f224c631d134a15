import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { runCli } from '../../support/process/cli.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'

const WAIT_MS = 60_000
const TIMEOUT_MS = 180_000
const LINES = 2_000
let nats: NatsServer
let service: RunningService
const dir = mkdtempSync(join(tmpdir(), 'outreach-import-'))
beforeAll(async () => {
  nats = await startNatsServer()
  service = await startService({ natsUrl: nats.url })
}, TIMEOUT_MS)
afterAll(async () => {
  await service.stop()
  forget(service)
  await nats.stop()
  rmSync(dir, { recursive: true, force: true })
}, TIMEOUT_MS)

const lineOf = (tenantId: string, n: number, fields: object = {}) =>
  JSON.stringify({
    subject: 'pipeline.message.sent',
    ...(n % 2 === 0 ? { eventId: `e${n}` } : {}),
    tenantId,
    timestamp: Date.now() - 3_600_000 * (n % 500),
    data: { messageId: `m${n}`, channel: 'email' },
    ...fields,
  })
const fileOf = (name: string, lines: readonly string[]) => {
  const file = join(dir, name)
  const text = `${lines.join('\n')}\n`
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text)
  return file
}
const run = (args: readonly string[], input?: string) =>
  runCli('import', args, { NATS_URL: nats.url, DATA_DIR: dir }, input === undefined ? {} : { input })
const sent = async (tenant: string) => {
  const { body } = await service.get('/api/v1/analytics/messages?timeRange=90d', { tenant })
  return (body as { data: { summary: { sent: number } } }).data.summary.sent
}

describe('an import', () => {
  test.each(['plain.ndjson', 'zipped.ndjson.gz'])(
    'of %s stores every event, and the same file again stores none',
    async (name) => {
      const tenant = name.split('.')[0]!
      const lines = Array.from({ length: LINES }, (_, n) => lineOf(tenant, n))
      const file = fileOf(name, lines)
      expect(await run([file])).toMatchObject({ code: 0 })
      await until(async () => (await sent(tenant)) === LINES, WAIT_MS, 'all lines to be counted')
      expect(await run([file])).toMatchObject({ code: 0 })
      // Published after the second import: when this event is counted, all of that import were processed.
      expect(await run(['-'], lineOf(`${tenant}-last`, 2))).toMatchObject({ code: 0 })
      await until(async () => (await sent(`${tenant}-last`)) === 1, WAIT_MS, 'the last line to be counted')
      expect(await sent(tenant)).toBe(LINES)
      expect(existsSync(`${file}.progress`)).toBe(false)
    },
    TIMEOUT_MS,
  )

  test(
    'continues where an interrupted one ended',
    async () => {
      const file = fileOf(
        'ended.ndjson',
        Array.from({ length: 20_000 }, (_, n) => lineOf('ended', n)),
      )
      const program = join(import.meta.dir, '../../../src/cli/main.ts')
      const child = Bun.spawn([process.execPath, program, 'import', file], {
        env: { PATH: process.env['PATH'] ?? '', NATS_URL: nats.url },
        stdout: 'ignore',
        stderr: 'ignore',
      })
      await until(() => existsSync(`${file}.progress`), WAIT_MS, 'the first part to be done')
      child.kill('SIGKILL')
      await child.exited
      const { code, output } = await run([file])
      expect(code).toBe(0)
      expect(output).toMatch(/Continuing after line \d+/)
      await until(async () => (await sent('ended')) === 20_000, WAIT_MS, 'all lines to be counted')
    },
    TIMEOUT_MS,
  )

  test('keeps invalid lines and prints their numbers; the others are stored', async () => {
    const bad = ['no json', '[]', '{"tenantId":"bad"}', lineOf('bad', 1, { subject: 'billing.paid' })]
    const file = fileOf('bad.ndjson', [lineOf('bad', 2), ...bad, '', lineOf('bad', 3)])
    const { code, output } = await run([file])
    expect(code).toBe(1)
    expect(output).toContain('Line 2: The line is not JSON.')
    expect(output).toContain('Line 5: The subject billing.paid is not the subject of an event.')
    expect(readFileSync(`${file}.rejected.ndjson`, 'utf8')).toBe(`${bad.join('\n')}\n`)
    await until(async () => (await sent('bad')) === 2, WAIT_MS, 'the good lines to be counted')
  })

  test.each([[[]], [['missing.ndjson']], [['--fast']], [['a', 'b']]])(
    'rejects the arguments %j with the usage',
    async (args) => {
      const { code, output } = await run(args)
      expect(code).toBe(2)
      expect(output).toContain('Usage:')
    },
  )
})
