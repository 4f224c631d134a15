import { afterAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCli } from '../../../support/process/cli.ts'
import { publish, startNatsServer } from '../../../support/broker/nats-server.ts'
import { forget, startService } from '../../../support/process/service.ts'
import { until } from '../../../support/process/until.ts'

const TWO_HOURS_MS = 2 * 3_600_000
const DAY_MS = 24 * 3_600_000
/** Much less than the change of the clock, and enough for a busy machine. */
const WAIT_MS = 30_000
const CONTROL_WAIT_MS = 5_000
const PRELOAD = join(import.meta.dir, '../../../faults/mutants/settable-clock.ts')

/** A broker and a service whose clock the test can set back. */
async function startWithClock(env: Readonly<Record<string, string>> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'outreach-clock-'))
  const nats = await startNatsServer()
  const clock = { CLOCK_OFFSET_FILE: join(directory, 'offset'), ...env }
  const service = await startService({ natsUrl: nats.url, env: clock, preload: PRELOAD })
  let published = 0

  /** Whether the newest log line has the new time. The line is of a request without a token, since other requests may wait for the clock in the control. */
  const isBehind = async () => {
    await service.get('/', { authorization: '' })
    const times = service.log().match(/"time":"[^"]+"/g) ?? []
    return Date.parse(times.at(-1)?.slice(8, -1) ?? '') < Date.now() - TWO_HOURS_MS / 2
  }
  const sent = async () => {
    const day = (offset: number) => new Date(Date.now() + offset).toISOString().slice(0, 10)
    const { body } = await service.get(
      `/api/v1/analytics/messages?startDate=${day(-2 * DAY_MS)}&endDate=${day(2 * DAY_MS)}`,
    )
    return (body as { data: { summary: { sent: number } } }).data.summary.sent
  }
  return {
    nats,
    service,
    sent,
    async setBack() {
      writeFileSync(join(directory, 'offset'), String(-TWO_HOURS_MS))
      await until(isBehind, WAIT_MS, 'the service to have the new time')
    },
    publishOne() {
      const id = `m${++published}`
      return publish(nats.url, [
        [
          'pipeline.message.sent',
          { eventId: id, tenantId: 'tenant-1', timestamp: Date.now(), data: { messageId: id, channel: 'email' } },
        ],
      ])
    },
    allStored: (timeoutMs: number) =>
      until(async () => (await sent()) === published, timeoutMs, 'all events to be stored'),
    async close() {
      await service.kill9()
      await nats.stop()
      forget(service)
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
type Started = Awaited<ReturnType<typeof startWithClock>>

async function eventsKeysAndReconnection({ service, nats, sent, setBack, publishOne, allStored }: Started) {
  await publishOne()
  await allStored(WAIT_MS)
  const keys = async (...args: string[]) => {
    const access = { DATA_DIR: service.dataDir, JWT_SECRET: service.secret }
    const { output } = await runCli('keys', args, access)
    return JSON.parse(output.split('\n').find((line) => line.startsWith('{'))!) as { id: string; key: string }
  }
  const { id, key } = await keys('create', '--tenant', 'tenant-1', '--scope', 'analytics:read')
  const statusOfKey = async () =>
    (await service.get('/api/v1/analytics/overview', { authorization: `Bearer ${key}` })).status
  expect(await statusOfKey()).toBe(200)

  await setBack()
  await publishOne()
  await allStored(WAIT_MS)
  await keys('revoke', id)
  await until(async () => (await statusOfKey()) === 401, WAIT_MS, 'the revoked key to be refused')
  await nats.restart()
  await publishOne()
  await allStored(WAIT_MS)
  expect(await sent()).toBe(3)
}

async function waitingIngestion({ service, setBack, publishOne, allStored }: Started) {
  await publishOne()
  await allStored(WAIT_MS)
  await setBack()
  await publishOne()
  const storedCount = async () => {
    const { text } = await service.get('/metrics', { authorization: '' })
    return Number(/^analytics_events_stored_total (\d+)/m.exec(text)?.[1])
  }
  const outcome = await until(async () => (await storedCount()) === 2, CONTROL_WAIT_MS, 'the event').catch(
    () => 'waiting',
  )
  expect(outcome).toBe('waiting')
  expect(await storedCount()).toBe(1)
}

/** The tests mostly wait: they run at the same time, each with its own broker and service. */
describe('when the wall clock is set back by two hours', () => {
  const closers: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closers) await close()
  }, 30_000)
  const start = async (env?: Readonly<Record<string, string>>) => {
    const started = await startWithClock(env)
    closers.push(() => started.close())
    return started
  }

  test.concurrent(
    'events are stored, a revoked key is refused, and the service reconnects to a restarted broker',
    async () => eventsKeysAndReconnection(await start()),
    180_000,
  )

  test.concurrent(
    'control: ingestion waits when durations are measured with the wall clock',
    async () => waitingIngestion(await start({ CLOCK_MUTANT: '1' })),
    120_000,
  )
})
