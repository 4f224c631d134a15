import { join } from 'node:path'
import { connect, type NatsConnection } from 'nats'
import { systemClock } from '../../../src/base/clock.ts'
import type { Delivery } from '../../../src/delivery/delivery.ts'
import { Definitions } from '../../../src/nats/definitions/definitions.ts'
import { createDeliveryStore } from '../../../src/nats/deliveries/delivery-store.ts'
import type { ReportTarget } from '../../../src/reports/delivery/report-target.ts'
import type { Report } from '../../../src/reports/report.ts'
import type { Schedule } from '../../../src/reports/schedule/schedule.ts'
import { silentLogger } from '../../support/base/silent-logger.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { type MailServerOptions, TestMailServer } from '../../support/mail/mail-server.ts'
import { until } from '../../support/process/until.ts'

const SCRIPT = join(import.meta.dir, 'report-delivery-process.ts')
const TENANT = 'tenant-1'
const MINUTE_MS = 60_000

/** A broker, a mail server, and processes that deliver reports. */
export class DeliveryFixture {
  readonly #nats: NatsServer
  readonly #connection: NatsConnection
  readonly #ended = new AbortController()
  readonly #processes = new Set<Bun.Subprocess>()
  readonly mail: TestMailServer

  private constructor(nats: NatsServer, connection: NatsConnection, mail: TestMailServer) {
    this.#nats = nats
    this.#connection = connection
    this.mail = mail
  }

  static async start(options: MailServerOptions = {}): Promise<DeliveryFixture> {
    const nats = await startNatsServer()
    return new DeliveryFixture(nats, await connect({ servers: nats.url }), await TestMailServer.start(options))
  }

  /** Saves a schedule, an hour ago, that was to run a minute ago. Resolves with its id. */
  async saveDueSchedule(recipients: readonly string[]): Promise<string> {
    const definitions = new Definitions({
      clock: systemClock,
      logger: silentLogger,
      newId: () => crypto.randomUUID(),
    })
    void definitions.run(this.#connection, this.#ended.signal)
    const reports = definitions.of<Report>('report')
    const { id } = await until(
      () => reports.create(TENANT, { name: 'Numbers', blocks: [], timezone: 'UTC' }),
      20_000,
      'the report to be saved',
    )
    const now = systemClock.now()
    const time = new Date(now - MINUTE_MS).toISOString().slice(11, 16)
    const every = { kind: 'daily' as const, time }
    const options = { attachments: [], skipIfEmpty: false, enabled: true, savedAt: now - 60 * MINUTE_MS }
    const schedule: Schedule = { reportId: id, recipients: [...recipients], every, timezone: 'UTC', ...options }
    return (await definitions.of<Schedule>('schedule').create(TENANT, schedule)).id
  }

  /** Starts a process and resolves when it is ready, or has exited. */
  async startProcess(...options: readonly string[]): Promise<Bun.Subprocess<'ignore', 'pipe', 'inherit'>> {
    const command = [process.execPath, SCRIPT, '--nats', this.#nats.url, '--smtp', this.mail.url, ...options]
    const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' })
    this.#processes.add(child)
    const reader = child.stdout.getReader()
    await reader.read()
    reader.releaseLock()
    return child
  }

  /** The deliveries of a schedule in the log. */
  async deliveries(scheduleId: string): Promise<Delivery<ReportTarget>[]> {
    const store = createDeliveryStore<ReportTarget>(() => this.#connection, 'report')
    const ids = await store.listIds(TENANT, scheduleId)
    const stored = await Promise.all(ids.map((id) => store.read({ tenantId: TENANT, sourceId: scheduleId, id })))
    return stored.flatMap((each) => each?.delivery ?? [])
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) child.kill('SIGKILL')
    this.#ended.abort()
    await this.mail.stop()
    await this.#connection.close()
    await this.#nats.stop()
  }
}
