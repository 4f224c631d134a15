/** The rows of `analytics_message_facts`, and how they follow from the events of a message. */
import type { ClassRules } from '../../messages/classes/class-rules.ts'
import type { MessageEvent, SentDimensions } from '../../messages/message-event.ts'
import { classifyDistinct, factsOf, type MessageFacts } from '../../messages/message-facts.ts'
import { actionClassesOf, messageStateOf, msBetween, NO_DELAY } from '../../messages/message-state.ts'

/** The columns that follow from the events, but for the dimensions of the first sending. */
export interface FactsValues {
  /** Epoch milliseconds. */
  readonly sent_at: number
  readonly state: number
  readonly opens: number
  readonly clicks: number
  readonly unknown_events: number
  readonly open_delay: number
  readonly click_delay: number
  readonly opened_after: number
  readonly clicked_after: number
  readonly human_opened_after: number
  readonly human_clicked_after: number
  readonly delivered_after: number
  /** 1 when the message has several sendings, or a delivery, open or click before the first one. */
  readonly disordered: number
  readonly last_event_at: number
  /** One bit per class of its opens, then one per class of its clicks. */
  readonly action_classes: number
}

/** A stored row with the sign 1. The dimensions are those of the first sending; empty or null without one. */
export type FactsRow = FactsValues &
  SentDimensions & {
    readonly tenant_id: string
    readonly message_id: string
    /** The list of the events in hexadecimal digits. */
    readonly events_hex: string
  }

/** The columns of a message with these events, each once. `sent` is undefined for a message without a sending. */
export function factsValuesOf<Dimensions>(
  events: readonly MessageEvent<Dimensions>[],
  rules: ClassRules,
): FactsValues & { readonly sent: MessageFacts<Dimensions>['sent'] } {
  if (!events.some(isSending)) return unsentValues(events)
  const classified = classifyDistinct(events, rules)
  const facts = factsOf(classified)
  const stated = messageStateOf(facts)
  return {
    sent: facts.sent,
    sent_at: facts.sent!.at,
    state: stated.state,
    opens: stated.opens,
    clicks: stated.clicks,
    unknown_events: stated.unknownEvents,
    open_delay: stated.openDelay,
    click_delay: stated.clickDelay,
    opened_after: stated.openedAfter,
    clicked_after: stated.clickedAfter,
    human_opened_after: stated.humanOpenedAfter,
    human_clicked_after: stated.humanClickedAfter,
    delivered_after: msBetween(facts.sent!.at, facts.deliveredAt),
    disordered: isDisordered(events, facts.sent!.at) ? 1 : 0,
    last_event_at: facts.lastEventAt!,
    action_classes: actionClassesOf(classified),
  }
}

/** A message without a sending counts nowhere. */
function unsentValues(events: readonly MessageEvent<unknown>[]): FactsValues & { readonly sent: undefined } {
  let [first, last] = [Infinity, -Infinity]
  for (const { occurredAt } of events) {
    if (occurredAt < first) first = occurredAt
    if (occurredAt > last) last = occurredAt
  }
  return {
    sent: undefined,
    sent_at: first,
    state: 0,
    opens: 0,
    clicks: 0,
    unknown_events: 0,
    open_delay: NO_DELAY,
    click_delay: NO_DELAY,
    opened_after: NO_DELAY,
    clicked_after: NO_DELAY,
    human_opened_after: NO_DELAY,
    human_clicked_after: NO_DELAY,
    delivered_after: NO_DELAY,
    disordered: 0,
    last_event_at: last,
    action_classes: 0,
  }
}

/** Whether the first event of each kind does not tell in which order they came. */
function isDisordered(events: readonly MessageEvent<unknown>[], sentAt: number): boolean {
  let sendings = 0
  for (const { kind, occurredAt } of events) {
    if (kind === 'sent') sendings++
    else if (occurredAt < sentAt && (kind === 'delivered' || kind === 'opened' || kind === 'clicked')) return true
  }
  return sendings > 1
}

function isSending({ kind }: MessageEvent<unknown>): boolean {
  return kind === 'sent'
}
