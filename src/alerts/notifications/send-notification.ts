/** Sends one notification to one recipient. */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import type { Definition, DefinitionStore } from '../../definitions/ports.ts'
import type { DeliveryKey, DeliveryOutcome } from '../../delivery/delivery.ts'
import { NOT_BEGUN, type SendDelivery } from '../../delivery/delivery-attempt.ts'
import type { MailPort } from '../../delivery/mail-port.ts'
import type { AlertDefinition } from '../alert-definition.ts'
import type { CallWebhook, PublishAlertEvent } from '../ports.ts'
import { mailContent } from './mail-content.ts'
import type { NotifyBody } from '../rules/rule-schema.ts'
import type { AlertNotification, AlertRecipient, AlertTarget } from './notification.ts'

export interface NotificationSenders {
  readonly definitions: Pick<DefinitionStore<AlertDefinition>, 'find'>
  /** Undefined in a service without a mail server. */
  readonly mail: MailPort | undefined
  readonly callWebhook: CallWebhook
  readonly publishEvent: PublishAlertEvent
  /** The address under which people reach the service. */
  readonly publicUrl: string | undefined
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** The sender of the deliveries of alerts. */
export function createNotificationSender(senders: NotificationSenders): SendDelivery<AlertTarget> {
  return async (key, { target }, signal, begin) => {
    const { recipient, notification } = target
    let definition: Definition<AlertDefinition> | undefined
    try {
      definition = await senders.definitions.find(key.tenantId, key.sourceId)
    } catch {
      return NOT_BEGUN
    }
    const obstacle = obstacleTo(recipient, definition?.body, senders.now())
    if (obstacle !== undefined) return { status: 'skipped', error: obstacle }
    if (recipient.channel === 'event') return publish(senders, key, notification)
    if (!(await begin())) return NOT_BEGUN
    if (recipient.channel === 'email') return sendMail(senders, key, recipient.address, notification, signal)
    const secret = secretOf(definition?.body, recipient.url)
    return sendWebhook(senders, key, { url: recipient.url, secret }, notification, signal)
  }
}

/** Why somebody is not told any more: an attempt may come hours after the change of state. Undefined where nothing is in the way. */
function obstacleTo(
  recipient: AlertRecipient,
  definition: AlertDefinition | undefined,
  now: number,
): string | undefined {
  if (!definition) return 'The rule was deleted.'
  const { rule, snoozedUntil = -Infinity } = definition
  if (rule.enabled === false) return 'The rule was disabled.'
  if (now < snoozedUntil) return 'The rule was snoozed.'
  return isListed(recipient, rule.notify) ? undefined : 'The rule no longer has this recipient.'
}

function isListed(recipient: AlertRecipient, { emails = [], webhooks = [], events = false }: NotifyBody = {}): boolean {
  if (recipient.channel === 'email') return emails.includes(recipient.address)
  if (recipient.channel === 'webhook') return webhooks.some(({ url }) => url === recipient.url)
  return events
}

function secretOf(definition: AlertDefinition | undefined, url: string): string {
  return definition?.rule.notify?.webhooks?.find((each) => each.url === url)?.secret ?? ''
}

/** The same for each attempt. */
function identityOf({ sourceId, id }: DeliveryKey): string {
  return `${sourceId}-${id}`
}

/** It may be repeated after a crash: the broker keeps one message of an id. */
function publish(
  { publishEvent }: NotificationSenders,
  key: DeliveryKey,
  notification: AlertNotification,
): Promise<DeliveryOutcome> {
  const { transition } = notification
  const published = publishEvent({ transition, id: identityOf(key), body: JSON.stringify(notification) })
  return published.then((): DeliveryOutcome => ({ status: 'sent' })).catch(() => NOT_BEGUN)
}

async function sendMail(
  { mail, publicUrl }: NotificationSenders,
  key: DeliveryKey,
  to: string,
  notification: AlertNotification,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  if (!mail) return { status: 'failed', error: 'No mail server is configured.' }
  const content = mailContent(notification, publicUrl && `${publicUrl}/dashboard`)
  const host = publicUrl === undefined ? 'localhost' : new URL(publicUrl).hostname
  const messageId = `alert-${identityOf(key)}@${host}`
  return mail.send({ ...content, to, messageId, date: Date.parse(notification.at) }, signal)
}

/** A failure without an answer is tried again: a receiver recognises a repeated request by its `x-delivery-id`. */
async function sendWebhook(
  { callWebhook }: NotificationSenders,
  key: DeliveryKey,
  { url, secret }: { readonly url: string; readonly secret: string },
  notification: AlertNotification,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const body = JSON.stringify(notification)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'outreach-analytics',
    'x-delivery-id': identityOf(key),
    'x-signature': `sha256=${await signatureOf(secret, body)}`,
  }
  const result = await callWebhook({ url, headers, body }, signal)
  if (result.kind !== 'response')
    return result.kind === 'refused'
      ? { status: 'failed', error: result.error, isPermanent: true }
      : { status: 'retry', error: result.error }
  if (result.status >= 200 && result.status < 300) return { status: 'sent' }
  return { status: 'retry', error: `The address answered with the status ${result.status}.` }
}

/** HMAC-SHA256 of the body, in hexadecimal. */
async function signatureOf(secret: string, body: string): Promise<string> {
  const encode = (text: string) => new TextEncoder().encode(text)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encode(secret), algorithm, false, ['sign'])
  return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(body))))
}
