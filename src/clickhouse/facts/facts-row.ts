/** The rows of `analytics_message_facts`, and how they follow from the events of a message. */
import { MESSAGE_CONDITIONS, RESTRICTED_CONDITIONS } from '../../analytics/engagement-metrics.ts'
import type { ClassRules } from '../../messages/classes/class-rules.ts'
import { conditionsOf } from '../../messages/engagement.ts'
import { encodeEventList } from '../../messages/event-list.ts'
import type { MessageEvent, SentDimensions } from '../../messages/message-event.ts'
import { classifiedEvents, factsOf } from '../../messages/message-facts.ts'
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
const NO_DELAY = -1

/** The row of a message with these events, each once. The first sending among them has dimensions. */
export function factsRowOf(
  { tenantId, messageId, hash }: MessageKey,
  events: readonly MessageEvent[],
  rules: { readonly number: number; readonly rules: ClassRules },
): FactsRow {
  const facts = factsOf(classifiedEvents(events, rules.rules))
  const { sent } = facts
  const startedAt = facts.deliveredAt ?? sent?.at
  const isCounted = sent !== undefined
  const delay = (at: number | undefined) =>
    isCounted && at !== undefined && startedAt !== undefined ? Math.max(0, at - startedAt) : NO_DELAY
  return {
    ...(sent?.dimensions ?? NO_DIMENSIONS),
    tenant_id: tenantId,
    message_id: messageId,
    message_hash: hash,
    rules: rules.number,
    sent_at: sent?.at ?? Math.min(...events.map(({ occurredAt }) => occurredAt)),
    sign: 1,
    state: isCounted ? stateOf(conditionsOf(facts)) : 0,
    opens: isCounted ? facts.opens : 0,
    clicks: isCounted ? facts.clicks : 0,
    unknown_events: isCounted ? facts.unknownOpens + facts.unknownClicks : 0,
    open_delay: delay(facts.firstHumanOpenedAt),
    click_delay: delay(facts.firstHumanClickedAt),
    last_event_at: facts.lastEventAt ?? 0,
    events: encodeEventList(events),
  }
}

type Conditions = ReturnType<typeof conditionsOf>

/** One bit per condition, then one per numerator that is restricted to delivered messages. */
function stateOf(conditions: Conditions): number {
  let state = 0
  for (const [bit, name] of MESSAGE_CONDITIONS.entries()) if (conditions[name]) state |= 1 << bit
  if (!conditions.delivered) return state
  for (const [index, name] of RESTRICTED_CONDITIONS.entries())
    if (conditions[name]) state |= 1 << (MESSAGE_CONDITIONS.length + index)
  return state
}
