import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../../src/events/catalogue.ts'
import { IS_FULL } from '../../support/base/depth.ts'
import { type ClickHouseFront, startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { type NatsServer, publish, startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { runCli } from '../../support/process/cli.ts'
import { until } from '../../support/process/until.ts'

const COUNT = 1_500
const WAIT_MS = 40_000

/** The whole system with a server as its store, so that the test can delete rows. */
describe('a replay', () => {
  let nats: NatsServer
  let front: ClickHouseFront
  let service: RunningService
  let published = 0
  const dataDir = mkdtempSync(join(tmpdir(), 'outreach-replay-'))
  const environment = () => ({ NATS_URL: nats.url, DATA_DIR: dataDir })
  const serviceOptions = () => ({ natsUrl: nats.url, dataDir, env: { CLICKHOUSE_URL: front.url } })

  beforeAll(async () => {
    nats = await startNatsServer()
    const connection = await connect({ servers: nats.url })
    await (await connection.jetstreamManager()).streams.add({ name: 'EVENTS', subjects: [...SUBJECTS] })
    await connection.close()
    front = await startClickHouseFront()
    service = await startService(serviceOptions())
    await publishMore(COUNT)
    await until(async () => (await stored()) === COUNT, WAIT_MS, 'all events to be stored')
  }, 60_000)
  afterAll(async () => {
    await service.stop()
    forget(service)
    await front.stop()
    await nats.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }, 60_000)

  /** Half of the events are opened messages, half are sent messages. */
  async function publishMore(count: number): Promise<void> {
    const messages = Array.from({ length: count }, () => {
      const n = ++published
      const subject = n % 2 === 0 ? 'pipeline.message.opened' : 'pipeline.message.sent'
      const data = { messageId: `m${n}`, channel: 'email' }
      return [subject, { tenantId: 'tenant-1', timestamp: Date.now(), data }] as const
    })
    await publish(nats.url, messages)
  }

  async function ask(sql: string): Promise<string> {
    const response = await fetch(`${front.url}/?database=analytics`, { method: 'POST', body: sql })
    if (!response.ok) throw new Error(await response.text())
    return (await response.text()).trim()
  }
  const stored = async () => Number(await ask('SELECT count() FROM analytics_events'))
  const distinct = async () => Number(await ask('SELECT uniqExact(id) FROM analytics_events'))
  const duplicates = async () => {
    const { text } = await service.get('/metrics')
    return Number(/^analytics_events_duplicate_total (\d+)$/m.exec(text)?.[1] ?? 0)
  }
  const lose = (condition: string) =>
    ask(`ALTER TABLE analytics_events DELETE WHERE ${condition} SETTINGS mutations_sync = 1`)

  test('stores lost events again and no event twice, while live events are stored', async () => {
    await lose('cityHash64(entity_id) % 3 = 0')
    expect(await stored()).toBeLessThan(COUNT)
    const [replayed] = await Promise.all([runCli('replay', ['--from', '2020-01-01'], environment()), publishMore(500)])
    expect(replayed).toMatchObject({ code: 0 })
    expect(replayed.output).toContain('Replayed.')
    await until(async () => (await stored()) === published, WAIT_MS, 'everything to be there again')
    expect(await distinct()).toBe(published)
  }, 60_000)

  test('can be limited to one subject', async () => {
    await lose('cityHash64(entity_id) % 3 = 1')
    const sentBefore = await ask("SELECT count() FROM analytics_events WHERE event_type = 'message_sent'")
    const { code } = await runCli(
      'replay',
      ['--from', '2020-01-01', '--subject', 'pipeline.message.opened'],
      environment(),
    )
    expect(code).toBe(0)
    expect(await ask("SELECT count() FROM analytics_events WHERE event_type = 'message_opened'")).toBe(
      String(published / 2),
    )
    expect(await ask("SELECT count() FROM analytics_events WHERE event_type = 'message_sent'")).toBe(sentBefore)
  }, 60_000)

  // The fault tests kill both, too, and those of the filter try its failures.
  if (IS_FULL) {
    test('continues after the service and the broker were killed', async () => {
      await ask('TRUNCATE TABLE analytics_events')
      await front.fault({ match: 'INSERT INTO analytics_events', delayMs: 600, times: 0 })
      const replay = runCli('replay', ['--from', '2020-01-01'], environment())
      await until(async () => (await stored()) > 0, WAIT_MS, 'the replay to begin')
      await service.kill9()
      await nats.restart()
      service = await startService({ ...serviceOptions(), port: service.port })
      await front.clearFaults()
      await until(async () => (await stored()) === published, WAIT_MS, 'everything to be there again')
      expect(await distinct()).toBe(published)
      expect((await replay).code).toBe(0)
    }, 90_000)

    test('stores no event twice while the filter of stored ids cannot be built', async () => {
      await front.fault({ match: 'read_range_of_stored_ids', fail: { status: 503 }, times: 0 })
      await service.kill9()
      service = await startService({ ...serviceOptions(), port: service.port })
      expect(await runCli('replay', ['--from', '2020-01-01'], environment())).toMatchObject({ code: 0 })
      await until(async () => (await duplicates()) === published, WAIT_MS, 'the repeated events')
      expect([await stored(), await distinct()]).toEqual([published, published])
      const [refused] = await front.clearFaults()
      expect(refused!.hits).toBeGreaterThan(0)
    }, 60_000)
  }

  test('fails to cancel when there is no replay', async () => {
    expect(await runCli('replay', ['--cancel'], environment())).toMatchObject({ code: 1 })
  })

  test.each([
    [[], '--from or --cancel is required'],
    [['--from', 'yesterday'], 'It must be a day or a date-time with its offset.'],
    [['--from', '2026-01-01', '--subject', 'billing.paid'], 'It must be one of the subjects below.'],
    [['--frmo', '2026-01-01'], '--frmo'],
  ])('rejects the arguments %j with a sentence', async (args, reason) => {
    const { code, output } = await runCli('replay', args, environment())
    expect(code).toBe(2)
    expect(output).toContain(reason)
  })
})
