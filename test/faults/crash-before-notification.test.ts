import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { IS_FULL } from '../support/base/depth.ts'
import { type NatsServer, startNatsServer } from '../support/broker/nats-server.ts'

const HOUR_MS = 3_600_000
/** Half past an hour: no bucket ends while the test runs. */
const NOW = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - HOUR_MS / 2
/** Longer than the claim of a delivery. */
const LATER_MS = 60_000

describe('killed while an alert is judged and told', () => {
  const requests: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'outreach-alert-crash-'))
  let receiver: ReturnType<typeof Bun.serve>
  let nats: NatsServer
  let path: string
  let runs = 0

  beforeAll(async () => {
    receiver = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      async fetch(request) {
        requests.push(((await request.json()) as { transition: string }).transition)
        return new Response()
      },
    })
    nats = await startNatsServer()
    // The events are stored once; each case has a copy of the store, and a broker of its own.
    path = join(folder, 'filled')
    await run(path, ['--fill', '--die', 'judged'])
    requests.length = 0
    await nats.stop()
  }, 120_000)
  afterAll(async () => {
    await receiver?.stop(true)
    rmSync(folder, { recursive: true, force: true })
  })

  async function run(store: string, options: readonly string[], now = NOW) {
    const script = join(import.meta.dir, 'processes/alert-process.ts')
    const places = ['--path', store, '--nats', nats.url, '--webhook', `http://127.0.0.1:${receiver.port}/`]
    const child = Bun.spawn([process.execPath, script, ...places, '--now', String(now), ...options], {
      stdout: 'pipe',
      stderr: 'inherit',
    })
    const output = await new Response(child.stdout).text()
    await child.exited
    return { signal: child.signalCode, output }
  }

  /** What was told, and the statuses of the notification, after a process has died and the next one has finished. */
  async function toldAfter(die: string, control: readonly string[] = []) {
    nats = await startNatsServer()
    requests.length = 0
    const copy = join(folder, `run-${runs++}`)
    cpSync(path, copy, { recursive: true })
    try {
      expect((await run(copy, ['--die', die, ...control])).signal).toBe('SIGKILL')
      const { output } = await run(copy, control, NOW + LATER_MS)
      const { states, statuses } = JSON.parse(output) as { states: string[]; statuses: string[] }
      return { told: [...requests], states, statuses }
    } finally {
      await nats.stop()
      rmSync(copy, { recursive: true, force: true })
    }
  }

  test.each(IS_FULL ? ['judged', 'recorded', 'opened'] : ['recorded'])(
    'one notification when the process dies once the bucket is %s',
    async (die) => {
      expect(await toldAfter(die)).toEqual({ told: ['firing'], states: ['firing'], statuses: ['sent'] })
    },
    120_000,
  )

  test('one notification, with an unknown outcome, when it dies once the receiver has answered', async () => {
    expect(await toldAfter('answered')).toEqual({ told: ['firing'], states: ['firing'], statuses: ['unknown'] })
  }, 120_000)

  test('control: without the outbox in the record, nobody is told', async () => {
    expect(await toldAfter('recorded', ['--without-outbox'])).toEqual({ told: [], states: ['firing'], statuses: [] })
  }, 120_000)

  test('control: without the claims of deliveries, people are told twice', async () => {
    const { told } = await toldAfter('answered', ['--without-claims'])
    expect(told).toEqual(['firing', 'firing'])
  }, 120_000)
})
