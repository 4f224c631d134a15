import type { DeliveryOutcome } from './delivery.ts'

/** A mail to one recipient. Texts may hold any characters; the adapter encodes them. */
export interface Mail {
  /** An address. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Without angle brackets. The same for each attempt of one delivery. */
  readonly messageId: string
  /** For the header `Date`: epoch milliseconds. */
  readonly date: number
  /** An address that removes the recipient by one POST request (RFC 8058). */
  readonly unsubscribeUrl?: string
  readonly attachments?: readonly MailAttachment[]
}

export interface MailAttachment {
  readonly fileName: string
  readonly contentType: string
  readonly content: Uint8Array
  /** Shows the attachment in the HTML as `cid:<contentId>` instead of listing it. */
  readonly contentId?: string
}

/** Sends mail. Undefined in a service without `SMTP_URL`. */
export interface MailPort {
  /** Never rejects. After `signal` aborts, the connection is closed and the outcome may be `unknown`. */
  send(mail: Mail, signal: AbortSignal): Promise<DeliveryOutcome>
}
