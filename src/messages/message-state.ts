/** The state of a message as the numbers that engagement is calculated from, which its row contains. */
import { MESSAGE_CONDITIONS, RESTRICTED_CONDITIONS } from '../analytics/engagement/message-conditions.ts'
import { ACTOR_CLASSES, type ActionsOfMessage, FIRST_CLASS_BIT } from '../analytics/engagement/actor-classes.ts'
import type { MessageState, MessageStateAt } from '../analytics/engagement/facts-as-of.ts'
import type { ClassRulesByTenant } from './classes/class-rules.ts'
import { meets } from './engagement.ts'
import { decodeEventList } from './event-list.ts'
import { type ClassifiedEvent, classifiedEvents, factsOf, type MessageFacts } from './message-facts.ts'

/** Stands for the time to an event that there is not. */
export const NO_DELAY = -1
const NOT_COUNTED: MessageState = {
  state: 0,
  opens: 0,
  clicks: 0,
  unknownEvents: 0,
  openDelay: NO_DELAY,
  clickDelay: NO_DELAY,
  openedAfter: NO_DELAY,
  clickedAfter: NO_DELAY,
  humanOpenedAfter: NO_DELAY,
  humanClickedAfter: NO_DELAY,
}

type StatedFacts = Omit<MessageFacts<unknown>, 'sent'> & { readonly sent: { readonly at: number } | undefined }

/** A message without a sending counts nowhere. */
export function messageStateOf(facts: StatedFacts): MessageState {
  const { sent } = facts
  if (sent === undefined) return NOT_COUNTED
  const startedAt = facts.deliveredAt ?? sent.at
  const delayUntil = (at: number | undefined) => msBetween(startedAt, at)
  const afterSending = (at: number | undefined) => msBetween(sent.at, at)
  return {
    state: stateBitsOf(facts),
    opens: facts.opens,
    clicks: facts.clicks,
    unknownEvents: facts.unknownOpens + facts.unknownClicks,
    openDelay: delayUntil(facts.firstHumanOpenedAt),
    clickDelay: delayUntil(facts.firstHumanClickedAt),
    openedAfter: afterSending(facts.firstOpenedAt),
    clickedAfter: afterSending(facts.firstClickedAt),
    humanOpenedAfter: afterSending(facts.firstHumanOpenedAt),
    humanClickedAfter: afterSending(facts.firstHumanClickedAt),
  }
}

/** The milliseconds between two instants. Never negative: clocks of providers may disagree. NO_DELAY without an event. */
export function msBetween(start: number, at: number | undefined): number {
  return at === undefined ? NO_DELAY : Math.max(0, at - start)
}

/** Calculates states from the stored lists of events. A message counts by its first sending, even where that lies after the instant. */
export function createMessageStateAt(rules: Pick<ClassRulesByTenant, 'of'>): MessageStateAt {
  return ({ tenantId, sentAt, eventsHex }, until) => {
    const facts = factsOf(classifiedEvents(decodeEventList(Uint8Array.fromHex(eventsHex)), rules.of(tenantId)), until)
    return messageStateOf({ ...facts, sent: { at: sentAt } })
  }
}

/** Reads the opens and clicks of messages from the stored lists of events. */
export function createActionsOfMessage(rules: Pick<ClassRulesByTenant, 'of'>): ActionsOfMessage {
  return (tenantId, eventsHex) =>
    classifiedEvents(decodeEventList(Uint8Array.fromHex(eventsHex)), rules.of(tenantId)).flatMap(
      ({ event: { id, kind, occurredAt }, verdict }) =>
        verdict !== undefined && (kind === 'opened' || kind === 'clicked')
          ? [{ idHead: id, kind, occurredAt, actorClass: verdict.actorClass }]
          : [],
    )
}

/** The bits of the classes that opens and clicks have. */
export function actionClassesOf(events: readonly ClassifiedEvent<unknown>[]): number {
  let classes = 0
  for (const { event, verdict } of events)
    if (verdict !== undefined && (event.kind === 'opened' || event.kind === 'clicked'))
      classes |= 1 << (FIRST_CLASS_BIT[event.kind] + ACTOR_CLASSES.indexOf(verdict.actorClass))
  return classes
}

/** One bit per condition, then one per numerator that is restricted to delivered messages. */
function stateBitsOf(facts: StatedFacts): number {
  let state = 0
  for (let bit = 0; bit < MESSAGE_CONDITIONS.length; bit++)
    if (meets(MESSAGE_CONDITIONS[bit]!, facts)) state |= 1 << bit
  if (facts.deliveredAt === undefined) return state
  for (let index = 0; index < RESTRICTED_CONDITIONS.length; index++)
    if (meets(RESTRICTED_CONDITIONS[index]!, facts)) state |= 1 << (MESSAGE_CONDITIONS.length + index)
  return state
}
