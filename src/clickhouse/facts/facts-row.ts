/** The rows of `analytics_message_facts`, and how they follow from the events of a message. */
import type { ClassRules } from '../../messages/classes/class-rules.ts'
import { encodeEventList } from '../../messages/event-list.ts'
import type { MessageEvent, SentDimensions } from '../../messages/message-event.ts'
import { classifiedEvents, factsOf } from '../../messages/message-facts.ts'
import { messageStateOf } from '../../messages/message-state.ts'
import type { MessageKey } from './message-key.ts'

/** The columns that are the dimensions of the first sending; empty or null without one. */
export type FactsRow = SentDimensions & {
  readonly tenant_id: string
  readonly message_id: string
  readonly message_hash: bigint
  readonly rules: number
  /** Epoch milliseconds. */
  readonly sent_at: number
  readonly sign: 1 | -1
  readonly state: number
  readonly opens: number
  readonly clicks: number
  readonly unknown_events: number
  readonly open_delay: number
  readonly click_delay: number
  readonly last_event_at: number
  readonly events: Uint8Array
}

const NO_DIMENSIONS: SentDimensions = {
  channel: '',
  contact_id: null,
  source_type: '',
  source_id: null,
  campaign_id: null,
  workflow_id: null,
  sequence_id: null,
  template_id: null,
  recipient_domain: null,
}

/** The row of a message with these events, each once. The first sending among them has dimensions. */
export function factsRowOf(
  { tenantId, messageId, hash }: MessageKey,
  events: readonly MessageEvent[],
  rules: { readonly number: number; readonly rules: ClassRules },
): FactsRow {
  const facts = factsOf(classifiedEvents(events, rules.rules))
  const { sent } = facts
  const { state, opens, clicks, unknownEvents, openDelay, clickDelay } = messageStateOf(facts)
  return {
    ...(sent?.dimensions ?? NO_DIMENSIONS),
    tenant_id: tenantId,
    message_id: messageId,
    message_hash: hash,
    rules: rules.number,
    sent_at: sent?.at ?? Math.min(...events.map(({ occurredAt }) => occurredAt)),
    sign: 1,
    state,
    opens,
    clicks,
    unknown_events: unknownEvents,
    open_delay: openDelay,
    click_delay: clickDelay,
    last_event_at: facts.lastEventAt ?? 0,
    events: encodeEventList(events),
  }
}
