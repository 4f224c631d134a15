/** Builders of messages, deliveries and rows. */
import { findEventDefinition } from '../../../src/events/catalogue.ts'
import { EVENT_COLUMNS } from '../../../src/events/columns.ts'
import { parseEventEnvelope } from '../../../src/events/event-envelope.ts'
import { normaliseEvent, type NormalisedEvent } from '../../../src/events/normalise/normalise-event.ts'
import { Rejection } from '../../../src/events/rejection.ts'
import type { EventRow } from '../../../src/events/event-row.ts'
import type { Delivery } from '../../../src/ingest/ports.ts'

export const NOW = Date.parse('2026-03-20T12:00:00.000Z')

export interface Setting {
  readonly subject?: string
  readonly stream?: string
  readonly sequence?: number
  readonly messageId?: string
  readonly now?: number
}

/** Decodes a message and normalises it. */
export function read(text: string | Uint8Array, setting: Setting = {}): NormalisedEvent | Rejection {
  const opened = parseEventEnvelope(typeof text === 'string' ? new TextEncoder().encode(text) : text)
  if (opened instanceof Rejection) return opened
  const kind = findEventDefinition(setting.subject ?? 'pipeline.message.sent')
  if (!kind) throw new Error('The subject is not in the catalogue.')
  return normaliseEvent(opened, {
    definition: kind,
    position: { stream: setting.stream ?? 'EVENTS', sequence: setting.sequence ?? 1, storedAt: NOW },
    messageId: setting.messageId,
    now: setting.now ?? NOW,
  })
}

/** Like `read`, for a message that must become a row. */
export function accept(message: object | string, setting: Setting = {}): NormalisedEvent {
  const event = read(typeof message === 'string' ? message : JSON.stringify(message), setting)
  if (event instanceof Rejection) throw new Error(`Rejected: ${event.reason}`)
  return event
}

export function envelope(data: object, fields: object = {}): object {
  return { tenantId: 't1', timestamp: NOW, data: { messageId: 'm1', ...data }, ...fields }
}

/** A row with empty columns: null where the type is nullable. */
const EMPTY_ROW = Object.fromEntries(
  EVENT_COLUMNS.map(({ name, type }) => [name, type.startsWith('Nullable') ? null : '']),
) as unknown as EventRow

/** A valid row; `index` determines its id. */
export function rowOf(index: number, fields: Partial<EventRow> = {}): EventRow {
  return {
    ...EMPTY_ROW,
    id: `00000000-0000-5000-8000-${index.toString(16).padStart(12, '0')}`,
    tenant_id: 't1',
    event_type: 'message_sent',
    entity_type: 'message',
    entity_id: `m${index}`,
    channel: 'email',
    metadata: '{}',
    occurred_at: NOW,
    ...fields,
  }
}

export function deliveryOf(
  sequence: number,
  body: object | string = envelope({}),
  fields: Partial<Delivery> = {},
): Delivery {
  const place = { stream: 'EVENTS', sequence, storedAt: fields.publishedAt ?? NOW }
  return {
    stream: 'EVENTS',
    subject: 'pipeline.message.sent',
    data: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    sequence,
    publishedAt: NOW,
    place,
    origin: place,
    messageId: undefined,
    headers: new Map(),
    ...fields,
  }
}
