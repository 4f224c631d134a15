/** The histories of single messages, from their stored lists of events or from their events. */
import type {
  HistoryRow,
  MessageHistories,
  MessageHistory,
  MessageOutcome,
} from '../analytics/drill-down/messages/message-history.ts'
import type { ClassRules, ClassRulesByTenant } from './classes/class-rules.ts'
import { decodeEventList } from './event-list.ts'
import { MESSAGE_EVENT_KINDS, MESSAGE_EVENT_TYPES, type MessageEvent, readMessageEvent } from './message-event.ts'
import { classifiedEvents, factsOf, type MessageFacts } from './message-facts.ts'
import { messageStateOf } from './message-state.ts'
import { textKey } from './text-hash.ts'

/** A message counts by its first sending, even where that lies after `until`. */
export function createMessageHistories(
  rules: Pick<ClassRulesByTenant, 'of'>,
  hashOf: MessageHistories['hashOf'],
): MessageHistories {
  return {
    hashOf,
    linkKeyOf: textKey,
    ofList: ({ tenantId, sentAt, eventsHex }, until) =>
      historyOf(decodeEventList(Uint8Array.fromHex(eventsHex)), rules.of(tenantId), until, sentAt),
    ofRows(tenantId, rows, until) {
      const tenantRules = rules.of(tenantId)
      const events = rows.flatMap((row) => readMessageEvent(withoutDimensions(row), tenantRules) ?? [])
      const sendings = events.flatMap(({ kind, occurredAt }) => (kind === 'sent' ? [occurredAt] : []))
      return historyOf(events, tenantRules, until, sendings.length === 0 ? undefined : Math.min(...sendings))
    },
  }
}

function historyOf(
  events: readonly MessageEvent<unknown>[],
  rules: ClassRules,
  until: number,
  sentAt: number | undefined,
): MessageHistory {
  const classified = classifiedEvents(events, rules)
  const facts = { ...factsOf(classified, until), sent: sentAt === undefined ? undefined : { at: sentAt } }
  return {
    outcome: outcomeOf(facts),
    state: messageStateOf(facts).state,
    events: classified
      .map(({ event, verdict }) => ({
        idHead: event.id,
        eventType: MESSAGE_EVENT_TYPES[MESSAGE_EVENT_KINDS.indexOf(event.kind)]!,
        occurredAt: event.occurredAt,
        actorClass: verdict?.actorClass,
        actorReason: verdict?.actorReason,
        linkKey: event.inputs.link,
      }))
      .toSorted((a, b) => a.occurredAt - b.occurredAt || (a.idHead < b.idHead ? -1 : 1)),
  }
}

type DatedFacts = Omit<MessageFacts<unknown>, 'sent'> & { readonly sent: { readonly at: number } | undefined }

function outcomeOf(facts: DatedFacts): MessageOutcome {
  return {
    sentAt: facts.sent?.at ?? null,
    deliveredAt: facts.deliveredAt ?? null,
    firstOpenedAt: facts.firstOpenedAt ?? null,
    firstHumanOpenedAt: facts.firstHumanOpenedAt ?? null,
    firstClickedAt: facts.firstClickedAt ?? null,
    firstHumanClickedAt: facts.firstHumanClickedAt ?? null,
    bouncedAt: facts.bouncedAt ?? null,
    bounceClass: facts.bounceClass ?? null,
    complainedAt: facts.complainedAt ?? null,
    unsubscribedAt: facts.unsubscribedAt ?? null,
    opens: facts.opens,
    clicks: facts.clicks,
  }
}

/** The row in the form in which events are read; the dimensions play no part in a history. */
function withoutDimensions(row: HistoryRow): Parameters<typeof readMessageEvent>[0] {
  return {
    ...row,
    channel: '',
    contact_id: null,
    source_type: '',
    source_id: null,
    campaign_id: null,
    workflow_id: null,
    sequence_id: null,
    template_id: null,
  }
}
