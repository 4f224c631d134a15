/** Makes the mail of a report for one recipient, and sends it. */
import { ApiFailure } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { Definition } from '../../definitions/ports.ts'
import type { Delivery, DeliveryKey, DeliveryOutcome } from '../../delivery/delivery.ts'
import { type BeginSending, NOT_BEGUN } from '../../delivery/delivery-attempt.ts'
import type { Mail, MailAttachment, MailPort } from '../../delivery/mail-port.ts'
import { isEmptyRun, reportMail } from '../mail/report-mail.ts'
import type { ReportRun, RunReport, WriteReport } from '../ports.ts'
import type { Report, ReportStore } from '../report.ts'
import { localDateText } from '../schedule/planned-instants.ts'
import type { Schedule, ScheduleStore } from '../schedule/schedule.ts'
import { messageIdOf, type ReportTarget } from './report-target.ts'
import { recipientDigest, type UnsubscribeTokens } from './unsubscribe-token.ts'

export interface ReportMailerOptions {
  readonly mail: MailPort
  /** The host behind the `@` of message ids. */
  readonly messageIdDomain: string
  /** The address of the service, without a slash at its end. */
  readonly publicUrl: string
  readonly schedules: ScheduleStore
  readonly reports: ReportStore
  readonly runReport: RunReport
  readonly writeReport: WriteReport
  /** Rejects while the broker, which keeps the secret, does not respond. */
  readonly tokens: () => Promise<UnsubscribeTokens>
  /** For the date of mails: epoch milliseconds. */
  readonly now: () => number
  readonly logger: Logger
}

const MEDIA_TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const

/** Failures after which a later attempt may succeed. */
const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'UNAVAILABLE',
  'ENGAGEMENT_NOT_READY',
  'QUERY_TIMEOUT',
  'REQUEST_CANCELLED',
  'INTERNAL',
])

/** A report as it was at an instant, and its files by their format. Schedules of the same instant share it. */
interface Edition {
  readonly run: Promise<ReportRun>
  readonly files: Map<string, Promise<Uint8Array>>
}

/** One mail. */
interface Letter {
  readonly recipient: string
  readonly asOf: number
  readonly messageId: string
  readonly isTest: boolean
}

/** Those of one instant follow each other. */
const KEPT_EDITIONS = 4

export class ReportMailer {
  readonly #options: ReportMailerOptions
  readonly #editions = new Map<string, Edition>()

  constructor(options: ReportMailerOptions) {
    this.#options = options
  }

  /** Sends a delivery, as its schedule and its report are now, with the data of its instant. */
  async send(
    key: DeliveryKey,
    delivery: Delivery<ReportTarget>,
    signal: AbortSignal,
    begin: BeginSending,
  ): Promise<DeliveryOutcome> {
    return this.#sendPrepared(() => this.#prepare(key, delivery, signal), signal, begin)
  }

  /** Sends a marked mail with the data of now to an address that need not belong to the schedule. */
  async sendTest(schedule: Definition<Schedule>, recipient: string, signal: AbortSignal): Promise<DeliveryOutcome> {
    const { now, messageIdDomain } = this.#options
    const messageId = `${crypto.randomUUID()}@${messageIdDomain}`
    const letter = { recipient, asOf: now(), messageId, isTest: true }
    return this.#sendPrepared(
      () => this.#mailOf(schedule, letter, signal),
      signal,
      () => Promise.resolve(true),
    )
  }

  /** A failure before the mail is sent is known. */
  async #sendPrepared(
    prepare: () => Promise<Mail | DeliveryOutcome>,
    signal: AbortSignal,
    begin: BeginSending,
  ): Promise<DeliveryOutcome> {
    const prepared = await prepare().catch((error: unknown) => this.#failureOf(error))
    if ('status' in prepared) return prepared
    return (await begin()) ? this.#options.mail.send(prepared, signal) : NOT_BEGUN
  }

  async #prepare(
    key: DeliveryKey,
    delivery: Delivery<ReportTarget>,
    signal: AbortSignal,
  ): Promise<Mail | DeliveryOutcome> {
    const { schedules, messageIdDomain } = this.#options
    const schedule = await schedules.find(key.tenantId, key.sourceId)
    if (!schedule) return { status: 'skipped', error: 'The schedule was deleted.' }
    const { recipient, scheduledFor: asOf } = delivery.target
    const { enabled, recipients } = schedule.body
    if (!enabled && delivery.resends === 0) return { status: 'skipped', error: 'The schedule was disabled.' }
    if (!recipients.some((each) => each.toLowerCase() === recipient.toLowerCase()))
      return { status: 'skipped', error: 'The schedule no longer has this recipient.' }
    const messageId = await messageIdOf(key, delivery, messageIdDomain)
    return this.#mailOf(schedule, { recipient, asOf, messageId, isTest: false }, signal)
  }

  async #mailOf(
    schedule: Definition<Schedule>,
    { recipient, asOf, messageId, isTest }: Letter,
    signal: AbortSignal,
  ): Promise<Mail | DeliveryOutcome> {
    const { publicUrl, tokens, reports, now } = this.#options
    const { tenantId, id, body } = schedule
    const report = await reports.find(tenantId, body.reportId)
    if (!report) return { status: 'failed', error: 'The report was deleted.', isPermanent: true }
    const edition = this.#edition(tenantId, report, asOf, signal)
    const run = await edition.run
    if (body.skipIfEmpty && !isTest && isEmptyRun(run.blocks))
      return { status: 'skipped', error: 'Every number of the report is 0.' }
    const claim = { tenantId, scheduleId: id, recipient: await recipientDigest(recipient) }
    // The recipient of a test is on no list.
    const unsubscribeUrl = isTest ? undefined : `${publicUrl}/unsubscribe/${await (await tokens()).sign(claim)}`
    const pageUrl = `${publicUrl}/dashboard`
    const content = { report: report.body, run, timezone: body.timezone, isTest, pageUrl, unsubscribeUrl }
    return {
      ...reportMail(content),
      to: recipient,
      messageId,
      date: now(),
      attachments: await this.#attachments(edition, report.body, body),
      ...(unsubscribeUrl === undefined ? {} : { unsubscribeUrl }),
    }
  }

  /** The edition of a report at an instant; one that cannot be made is not kept. */
  #edition(tenantId: string, report: Definition<Report>, asOf: number, signal: AbortSignal): Edition {
    const key = JSON.stringify([tenantId, report.id, report.revision, asOf])
    const known = this.#editions.get(key)
    if (known) return known
    const edition = { run: this.#options.runReport(tenantId, report.body, asOf, signal), files: new Map() }
    this.#editions.set(key, edition)
    edition.run.catch(() => this.#editions.delete(key))
    for (const oldest of this.#editions.keys()) if (this.#editions.size > KEPT_EDITIONS) this.#editions.delete(oldest)
    return edition
  }

  async #attachments(
    { run, files }: Edition,
    report: Report,
    { attachments, timezone }: Schedule,
  ): Promise<MailAttachment[]> {
    const { asOf } = await run
    const made: MailAttachment[] = []
    for (const format of attachments) {
      const file = files.get(format) ?? run.then((each) => this.#options.writeReport(report, each, format))
      files.set(format, file)
      file.catch(() => files.delete(format))
      const fileName = `report-${localDateText(timezone, asOf)}.${format}`
      made.push({ fileName, contentType: MEDIA_TYPES[format], content: await file })
    }
    return made
  }

  #failureOf(error: unknown): DeliveryOutcome {
    if (error instanceof ApiFailure && !TEMPORARY_CODES.has(error.code))
      return { status: 'failed', error: `The report cannot be made: ${error.message}`, isPermanent: true }
    this.#options.logger.warn('the report of a schedule cannot be made now', { error })
    return { status: 'retry', error: 'The data of the report cannot be read at present.' }
  }
}
