import { connect, type NatsConnection } from 'nats'
import { ReportDelivery } from '../../../src/assembly/definitions/report-delivery.ts'
import { createTenantDefinitions } from '../../../src/assembly/definitions/tenant-definitions.ts'
import { parseConfig } from '../../../src/config.ts'
import type { Definition } from '../../../src/definitions/ports.ts'
import type { DeliveryStatus } from '../../../src/delivery/delivery.ts'
import type { ListedDelivery } from '../../../src/reports/delivery/schedule-deliveries.ts'
import type { Schedule } from '../../../src/reports/schedule/schedule.ts'
import { eraseDeliveries } from '../../../src/nats/deliveries/erase-deliveries.ts'
import { sampleRun } from '../../faults/delivery/sample-run.ts'
import { ManualClock } from '../../support/base/manual-clock.ts'
import { keepingLogger } from '../../support/base/silent-logger.ts'
import { type NatsServer, startNatsServer } from '../../support/broker/nats-server.ts'
import { TestMailServer } from '../../support/mail/mail-server.ts'
import { pause, until } from '../../support/process/until.ts'

export const TENANT = 'tenant-1'
export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
/** 07:59:30 in UTC. */
export const START = Date.parse('2026-11-29T07:59:30Z')

/** The delivery of reports with a real broker and a real mail server. Its time passes when a test says so. */
export class DeliveryService {
  readonly #nats: NatsServer
  readonly #connection: NatsConnection
  readonly #stopped = new AbortController()
  readonly clock: ManualClock
  readonly logger = keepingLogger()
  readonly mail: TestMailServer
  readonly stores
  readonly delivery: ReportDelivery
  /** The reports that were run: for each the instant of its data. */
  readonly runs: number[] = []
  /** The number in the report. */
  value = 397

  private constructor(nats: NatsServer, mail: TestMailServer, connection: NatsConnection, now: number) {
    this.#nats = nats
    this.#connection = connection
    this.mail = mail
    this.clock = new ManualClock(now)
    const { clock, logger } = this
    const definitions = createTenantDefinitions({ clock, logger })
    this.stores = definitions.stores
    void definitions.run(connection, this.#stopped.signal)
    this.delivery = new ReportDelivery({
      config: parseConfig({
        SMTP_URL: mail.url,
        MAIL_FROM: 'Reports <reports@acme.example>',
        PUBLIC_URL: 'https://stats.example/analytics',
      }),
      ...this.stores,
      runReport: (_, report, asOf) => {
        this.runs.push(asOf)
        const run = sampleRun(report, asOf)
        const [block] = run.blocks
        const table = { ...block!.table, rows: [{ sent: this.value }] }
        return Promise.resolve({ ...run, blocks: [{ ...block!, table }] })
      },
      writeReport: (_, run, format) =>
        Promise.resolve(new TextEncoder().encode(`${format} of ${new Date(run.asOf).toISOString()}`)),
      clock,
      logger,
    })
    this.delivery.start(connection)
  }

  static async start(now = START): Promise<DeliveryService> {
    const nats = await startNatsServer()
    return new DeliveryService(nats, await TestMailServer.start(), await connect({ servers: nats.url }), now)
  }

  /** Another process on the same broker and mail server, after this one has stopped. */
  async startNext(now: number): Promise<DeliveryService> {
    await this.#end()
    return new DeliveryService(this.#nats, this.mail, await connect({ servers: this.#nats.url }), now)
  }

  /** Saves a schedule that runs every day at 08:00 UTC. */
  async save(given: Partial<Schedule> = {}): Promise<Definition<Schedule>> {
    const { reports, schedules } = this.stores
    const report = await until(
      () => reports.create(TENANT, { name: 'Numbers', blocks: [], timezone: 'UTC' }),
      90_000,
      'the report to be saved',
    )
    const every = { kind: 'daily' as const, time: '08:00' }
    const options = { attachments: [], skipIfEmpty: false, enabled: true, savedAt: this.clock.now() }
    return schedules.create(TENANT, {
      ...{ reportId: report.id, recipients: ['a@x.example'], every, timezone: 'UTC', ...options },
      ...given,
    })
  }

  /** Lets the time pass, in steps of a second, until the probe returns a truthy value. The broker and the mail server take their own time. */
  async pass<Value>(
    durationMs: number,
    probe: () => Value | Promise<Value>,
    what: string,
  ): Promise<NonNullable<Value>> {
    const end = this.clock.now() + durationMs
    return until(
      async () => {
        const value = await probe()
        if (!value && this.clock.now() < end) await this.clock.advance(1_000)
        return value
      },
      90_000,
      what,
    )
  }

  /** Sets the clock forward, and lets what is due begin. */
  async jump(instant: number): Promise<void> {
    await this.clock.advance(instant - this.clock.now())
    await pause(100)
  }

  async list(scheduleId: string): Promise<readonly ListedDelivery[]> {
    return (await this.delivery.deliveries.list(TENANT, scheduleId, 1_000, undefined)).deliveries
  }

  /** Waits until the deliveries of a schedule have these statuses, the newest run first. */
  async settled(scheduleId: string, ...statuses: readonly DeliveryStatus[]): Promise<readonly ListedDelivery[]> {
    const expected = statuses.join()
    return this.pass(
      30 * MINUTE_MS,
      async () => {
        const listed = await this.list(scheduleId)
        return listed.map(({ delivery }) => delivery.status).join() === expected && listed
      },
      `the deliveries to be ${expected}`,
    ) as Promise<readonly ListedDelivery[]>
  }

  /** Removes the deliveries of the tenant, as another process does that erases it. */
  async erase(): Promise<void> {
    await eraseDeliveries(this.#connection, TENANT)
  }

  async stop(): Promise<void> {
    await this.#end()
    await this.mail.stop()
    await this.#nats.stop()
  }

  async #end(): Promise<void> {
    this.#stopped.abort()
    await this.delivery.stop(AbortSignal.timeout(5_000))
  }
}
