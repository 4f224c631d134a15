/** The ports of alerts, which other modules implement. */
import type { AlertRecord } from './evaluation/alert-record.ts'

export interface StoredRecord {
  readonly record: AlertRecord
  /** Identifies this state of the record. */
  readonly revision: number
}

/** The record of each rule: how far it was judged, and what came of it. Every method rejects while the broker does not respond. */
export interface AlertRecordStore {
  /** Undefined for a rule that was never judged. */
  read(tenantId: string, ruleId: string): Promise<StoredRecord | undefined>
  /** Resolves with the new revision; with undefined when the record has another revision than `expected` (0: no record), as another process has judged the rule meanwhile. */
  write(tenantId: string, ruleId: string, record: AlertRecord, expected: number): Promise<number | undefined>
  /** Removes the record of a rule that was deleted. */
  remove(tenantId: string, ruleId: string): Promise<void>
}

/** A message for other systems. */
export interface AlertEvent {
  readonly transition: 'firing' | 'resolved'
  /** The same for each attempt: the broker keeps one message of an id. */
  readonly id: string
  readonly body: string
}

/** Publishes messages on the broker. Rejects while it does not respond. */
export type PublishAlertEvent = (event: AlertEvent) => Promise<void>

/** A POST request. */
export interface WebhookRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * What became of a request:
 * - `response`: it has been answered, with this status
 * - `refused`: the address may not be called, and nothing was sent
 * - `failed`: there was no answer
 */
export type WebhookResult =
  | { readonly kind: 'response'; readonly status: number }
  | { readonly kind: 'refused'; readonly error: string }
  | { readonly kind: 'failed'; readonly error: string }

/** Sends a request to the address that was checked, without following redirects, within ten seconds. Never rejects. */
export type CallWebhook = (request: WebhookRequest, signal: AbortSignal) => Promise<WebhookResult>
