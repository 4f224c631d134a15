/** What clients do with the deliveries of a schedule: list them, send one again, send a test, unsubscribe. */
import { changeDefinition } from '../../definitions/change-definition.ts'
import type { Definition } from '../../definitions/ports.ts'
import { isSettled, type DeliveryOutcome } from '../../delivery/delivery.ts'
import type { DeliveryStore, StoredDelivery } from '../../delivery/delivery-store.ts'
import type { DeliveryWorker } from '../../delivery/delivery-worker.ts'
import type { Schedule, ScheduleStore } from '../schedule/schedule.ts'
import type { ReportMailer } from './report-mailer.ts'
import { messageIdOf, type ReportTarget } from './report-target.ts'
import { recipientDigest, type UnsubscribeTokens } from './unsubscribe-token.ts'

export interface ListedDelivery extends StoredDelivery<ReportTarget> {
  /** Without brackets. */
  readonly messageId: string
}

export interface DeliveryPage {
  readonly deliveries: readonly ListedDelivery[]
  /** The id after which the next page begins; undefined on the last page. */
  readonly next: string | undefined
}

export interface ScheduleDeliveriesOptions {
  readonly store: DeliveryStore<ReportTarget>
  readonly schedules: ScheduleStore
  readonly tokens: () => Promise<UnsubscribeTokens>
  readonly messageIdDomain: string
  /** Undefined when no mail server is configured. */
  readonly sending: { readonly mailer: ReportMailer; readonly worker: DeliveryWorker<ReportTarget> } | undefined
}

/** Every method rejects while the broker does not respond. */
export class ScheduleDeliveries {
  readonly #options: ScheduleDeliveriesOptions

  constructor(options: ScheduleDeliveriesOptions) {
    this.#options = options
  }

  /** Whether mail can be sent. */
  get isConfigured(): boolean {
    return this.#options.sending !== undefined
  }

  /** The deliveries of a schedule, the newest first, those after an id. */
  async list(tenantId: string, scheduleId: string, limit: number, after: string | undefined): Promise<DeliveryPage> {
    const { store } = this.#options
    const ids = await store.listIds(tenantId, scheduleId)
    const from = after === undefined ? ids : ids.filter((id) => id < after)
    const shown = from.slice(0, limit)
    const stored = await Promise.all(shown.map((id) => store.read({ tenantId, sourceId: scheduleId, id })))
    const deliveries = await Promise.all(stored.flatMap((each) => (each ? this.#listed(each) : [])))
    return { deliveries, next: from.length > limit ? shown.at(-1) : undefined }
  }

  /** The delivery after it was asked to be sent again: `open` when it is not settled, and nothing was done; undefined when there is none with this id. */
  async resend(
    tenantId: string,
    scheduleId: string,
    deliveryId: string,
  ): Promise<{ readonly listed: ListedDelivery; readonly isOpen: boolean } | undefined> {
    const { store, sending } = this.#options
    const stored = await store.read({ tenantId, sourceId: scheduleId, id: deliveryId })
    if (!stored) return undefined
    const isOpen = !isSettled(stored.delivery)
    if (!isOpen) await sending?.worker.resend(stored)
    return { listed: await this.#listed(stored), isOpen }
  }

  /** Sends the report of now to an address, marked as a test, without a record. Undefined when no mail server is configured. */
  async sendTest(
    schedule: Definition<Schedule>,
    recipient: string,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome | undefined> {
    return this.#options.sending?.mailer.sendTest(schedule, recipient, signal)
  }

  /** Whether the service has made the token. */
  async isToken(token: string): Promise<boolean> {
    return (await (await this.#options.tokens()).verify(token)) !== undefined
  }

  /** Removes the recipient of a token from its schedule; a schedule without recipients is disabled. Returns false for a token that the service has not made. */
  async unsubscribe(token: string): Promise<boolean> {
    const { tokens, schedules } = this.#options
    const claim = await (await tokens()).verify(token)
    if (!claim) return false
    const { tenantId, scheduleId } = claim
    const schedule = await schedules.find(tenantId, scheduleId)
    const digests = await Promise.all((schedule?.body.recipients ?? []).map(recipientDigest))
    const address = schedule?.body.recipients[digests.indexOf(claim.recipient)]
    if (address === undefined) return true
    await changeDefinition(schedules, tenantId, scheduleId, (body) => {
      const recipients = body.recipients.filter((each) => each !== address)
      if (recipients.length === body.recipients.length) return undefined
      if (recipients.length > 0) return { ...body, recipients }
      return { ...body, recipients, enabled: false, disabledReason: 'Every recipient has unsubscribed.' }
    })
    return true
  }

  async #listed(stored: StoredDelivery<ReportTarget>): Promise<ListedDelivery> {
    return { ...stored, messageId: await messageIdOf(stored.key, stored.delivery, this.#options.messageIdDomain) }
  }
}
