/** Connects the delivery of reports: schedules and deliveries on the broker, mail by SMTP. */
import type { NatsConnection } from 'nats'
import { whenAborted } from '../../base/clock.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Config } from '../../config.ts'
import { DefinitionFailure } from '../../definitions/errors.ts'
import { DeliveryWorker } from '../../delivery/delivery-worker.ts'
import { createSmtpMail } from '../../mail/smtp-mail.ts'
import { createDeliveryStore } from '../../nats/deliveries/delivery-store.ts'
import { createRunStateStore } from '../../nats/deliveries/run-state-store.ts'
import { createSharedSecret } from '../../nats/deliveries/shared-secret.ts'
import { FailureStreak } from '../../reports/delivery/failure-streak.ts'
import { ReportMailer } from '../../reports/delivery/report-mailer.ts'
import { REPORT_DELIVERIES, type ReportTarget } from '../../reports/delivery/report-target.ts'
import { ScheduleDeliveries } from '../../reports/delivery/schedule-deliveries.ts'
import { ScheduleRunner, type ScheduleState } from '../../reports/delivery/schedule-runner.ts'
import { UnsubscribeTokens } from '../../reports/delivery/unsubscribe-token.ts'
import type { RunReport, WriteReport } from '../../reports/ports.ts'
import type { ReportStore } from '../../reports/report.ts'
import type { ScheduleFeed, ScheduleStore } from '../../reports/schedule/schedule.ts'

export interface ReportDeliveryOptions {
  readonly config: Pick<Config, 'mailServer' | 'mailFrom' | 'publicUrl'>
  readonly reports: ReportStore
  readonly schedules: ScheduleStore & ScheduleFeed
  readonly runReport: RunReport
  readonly writeReport: WriteReport
  readonly clock: Clock
  readonly logger: Logger
}

export class ReportDelivery {
  readonly deliveries: ScheduleDeliveries
  readonly #parts: { readonly worker: DeliveryWorker<ReportTarget>; readonly runner: ScheduleRunner } | undefined
  readonly #stopped = new AbortController()
  /** Cuts the attempts in progress off. */
  readonly #cut = new AbortController()
  #connection: NatsConnection | undefined
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: ReportDeliveryOptions) {
    const { config, schedules, clock, logger } = options
    const connection = () => {
      if (!this.#connection) throw new DefinitionFailure('unavailable', 'The broker is not connected yet.')
      return this.#connection
    }
    const store = createDeliveryStore<ReportTarget>(connection, REPORT_DELIVERIES)
    const states = createRunStateStore<ScheduleState>(connection, 'schedule')
    const secret = createSharedSecret(connection, 'unsubscribe')
    const tokens = async () => new UnsubscribeTokens(await secret())
    const { mailServer: server, mailFrom: from, publicUrl } = config
    const messageIdDomain = from?.address.split('@')[1] ?? 'localhost'
    const shared = { store, schedules, tokens, messageIdDomain }
    // The configuration is refused when one of them is missing.
    if (!server || !from || !publicUrl) {
      this.deliveries = new ScheduleDeliveries({ ...shared, sending: undefined })
      return
    }
    const mail = createSmtpMail({ server, from, clientName: new URL(publicUrl).hostname, logger })
    const mailer = new ReportMailer({ ...options, ...shared, mail, publicUrl, now: () => clock.now() })
    const streak = new FailureStreak({ schedules, deliveries: store, states, logger })
    const worker = new DeliveryWorker<ReportTarget>({
      kind: REPORT_DELIVERIES,
      store,
      send: (key, delivery, _, begin) => mailer.send(key, delivery, this.#cut.signal, begin),
      onSettled: (stored) => streak.onSettled(stored),
      clock,
      logger,
      owner: crypto.randomUUID(),
    })
    const runner = new ScheduleRunner({ feed: schedules, states, worker, clock, logger })
    this.deliveries = new ScheduleDeliveries({ ...shared, sending: { mailer, worker } })
    this.#parts = { worker, runner }
  }

  /** Begins to run schedules, where mail can be sent. */
  start(connection: NatsConnection): void {
    this.#connection = connection
    if (!this.#parts) return
    const { worker, runner } = this.#parts
    this.#running = Promise.all([worker.run(this.#stopped.signal), runner.run(this.#stopped.signal)])
  }

  /** Begins no delivery any more, and resolves when those in progress have ended. At the deadline they are cut off: their outcome is `unknown` then. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    await Promise.race([this.#running, whenAborted(deadline)])
    this.#cut.abort()
  }
}
