/** Who is told, while it is written. It is kept out of the address: addresses of webhooks may be secret, and their secrets always are. */
import type { NotifyBody } from '../../../alerts/rules/rule-schema.ts'
import type { ShownAlert } from '../../../http/alerts/alert-data.ts'

export interface WebhookDraft {
  readonly url: string
  /** Undefined where the stored secret is kept. */
  readonly secret: string | undefined
}

export interface NotifyDraft {
  /** One address per line. */
  readonly emails: string
  readonly webhooks: readonly WebhookDraft[]
  readonly events: boolean
}

export function notifyDraftOf({ emails = [], webhooks = [], events = false }: ShownAlert['notify'] = {}): NotifyDraft {
  return { emails: emails.join('\n'), webhooks: webhooks.map(({ url }) => ({ url, secret: undefined })), events }
}

export function notifyBodyOf({ emails, webhooks, events }: NotifyDraft): NotifyBody {
  return {
    emails: emails.split(/[\n,;]/).flatMap((line) => (line.trim() === '' ? [] : [line.trim()])),
    webhooks: webhooks.map(({ url, secret }) => ({ url: url.trim(), ...(secret !== undefined && { secret }) })),
    events,
  }
}
