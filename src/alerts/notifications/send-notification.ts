/** Sends one notification to one recipient. */
import { toHex } from '../../base/bytes/hexadecimal.ts'
import type { DefinitionStore } from '../../definitions/ports.ts'
import type { DeliveryKey, DeliveryOutcome } from '../../delivery/delivery.ts'
import type { SendDelivery } from '../../delivery/delivery-attempt.ts'
import type { MailPort } from '../../delivery/mail-port.ts'
import type { AlertDefinition } from '../alert-definition.ts'
import type { CallWebhook, PublishAlertEvent } from '../ports.ts'
import { mailContent } from './mail-content.ts'
import type { AlertNotification, AlertTarget } from './notification.ts'

export interface NotificationSenders {
  readonly definitions: Pick<DefinitionStore<AlertDefinition>, 'find'>
  /** Undefined in a service without a mail server. */
  readonly mail: MailPort | undefined
  readonly callWebhook: CallWebhook
  readonly publishEvent: PublishAlertEvent
  /** The address under which people reach the service. */
  readonly publicUrl: string | undefined
}

/** The sender of the deliveries of alerts. */
export function createNotificationSender(senders: NotificationSenders): SendDelivery<AlertTarget> {
  return async (key, { target }, signal) => {
    const { recipient, notification } = target
    if (recipient.channel === 'email') return sendMail(senders, key, recipient.address, notification, signal)
    if (recipient.channel === 'webhook') return sendWebhook(senders, key, recipient.url, notification, signal)
    const { transition } = notification
    await senders.publishEvent({ transition, id: identityOf(key), body: JSON.stringify(notification) })
    return { status: 'sent' }
  }
}

/** The same for each attempt. */
function identityOf({ sourceId, id }: DeliveryKey): string {
  return `${sourceId}-${id}`
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
  { definitions, callWebhook }: NotificationSenders,
  key: DeliveryKey,
  url: string,
  notification: AlertNotification,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const definition = await definitions.find(key.tenantId, key.sourceId)
  const webhook = definition?.body.rule.notify?.webhooks?.find((each) => each.url === url)
  if (!webhook?.secret) return { status: 'skipped', error: 'The rule has no such webhook any more.' }
  const body = JSON.stringify(notification)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'outreach-analytics',
    'x-delivery-id': identityOf(key),
    'x-signature': `sha256=${await signatureOf(webhook.secret, body)}`,
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
