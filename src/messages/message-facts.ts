/** What became of a message: a pure function of its events, whatever their order and however often each was delivered. */
import type { BounceClass } from './bounce-class.ts'
import { type ActorVerdict, type ClassRules, DEFAULT_RULES, isMachine } from './classes/class-rules.ts'
import { classifyMessage } from './classes/classify-message.ts'
import type { MessageEvent, SentDimensions } from './message-event.ts'

/** The first sending of a message, which decides where and under which dimensions the message counts. */
export interface FirstSending {
  readonly eventId: string
  readonly at: number
  readonly dimensions: SentDimensions
}

/** Instants in epoch milliseconds; undefined where there is no such event. All of them are the first ones but for `bouncedAt` and `lastEventAt`. */
export interface MessageFacts {
  readonly sent: FirstSending | undefined
  readonly deliveredAt: number | undefined
  readonly firstOpenedAt: number | undefined
  /** The first open that is not a machine's. */
  readonly firstHumanOpenedAt: number | undefined
  readonly firstClickedAt: number | undefined
  /** The first click that is not a machine's. */
  readonly firstHumanClickedAt: number | undefined
  /** The last bounce. */
  readonly bouncedAt: number | undefined
  /** Of the last bounce. */
  readonly bounceClass: BounceClass | undefined
  /** Whether the last bounce came after the first delivery. */
  readonly isOutOfBand: boolean
  /** Delivered, and no bounce came after the first delivery. */
  readonly isAccepted: boolean
  readonly complainedAt: number | undefined
  readonly unsubscribedAt: number | undefined
  readonly opens: number
  readonly clicks: number
  /** Opens of the class unknown. */
  readonly unknownOpens: number
  /** Clicks of the class unknown. */
  readonly unknownClicks: number
  readonly lastEventAt: number | undefined
}

export interface ClassifiedEvent {
  readonly event: MessageEvent
  /** Undefined for events that are neither opens nor clicks. */
  readonly verdict: ActorVerdict | undefined
}

/** The events of one message, each once and with its class. The order is that in which the ids first occur. */
export function classifiedEvents(
  events: Iterable<MessageEvent>,
  rules: ClassRules = DEFAULT_RULES,
): readonly ClassifiedEvent[] {
  const byId = new Map<string, MessageEvent>()
  for (const event of events) if (!byId.has(event.id)) byId.set(event.id, event)
  const distinct = [...byId.values()]
  const verdicts = classifyMessage(distinct, rules)
  return distinct.map((event, index) => ({ event, verdict: verdicts[index] }))
}

/** The facts of a message as of an instant: later events do not count, but the classes follow from all of its events. Of events at the same instant the id decides. */
export function factsOf(events: readonly ClassifiedEvent[], until = Infinity): MessageFacts {
  const counted = events.filter(({ event }) => event.occurredAt <= until)
  const of = (kind: MessageEvent['kind']) => counted.filter(({ event }) => event.kind === kind)
  const opens = of('opened')
  const clicks = of('clicked')
  const sending = earliest(of('sent'))
  const bounce = latest(of('bounced'))
  const deliveredAt = firstAt(of('delivered'))
  const isOutOfBand = deliveredAt !== undefined && bounce !== undefined && bounce.occurredAt > deliveredAt
  return {
    sent: sending?.dimensions && { eventId: sending.id, at: sending.occurredAt, dimensions: sending.dimensions },
    deliveredAt,
    firstOpenedAt: firstAt(opens),
    firstHumanOpenedAt: firstAt(opens.filter(isHuman)),
    firstClickedAt: firstAt(clicks),
    firstHumanClickedAt: firstAt(clicks.filter(isHuman)),
    bouncedAt: bounce?.occurredAt,
    bounceClass: bounce?.bounceClass,
    isOutOfBand,
    isAccepted: deliveredAt !== undefined && !isOutOfBand,
    complainedAt: firstAt(of('complained')),
    unsubscribedAt: firstAt(of('unsubscribed')),
    opens: opens.length,
    clicks: clicks.length,
    unknownOpens: opens.filter(isUnknown).length,
    unknownClicks: clicks.filter(isUnknown).length,
    lastEventAt: latest(counted)?.occurredAt,
  }
}

function isHuman({ verdict }: ClassifiedEvent): boolean {
  return verdict !== undefined && !isMachine(verdict)
}

function isUnknown({ verdict }: ClassifiedEvent): boolean {
  return verdict?.actorClass === 'unknown'
}

function firstAt(events: readonly ClassifiedEvent[]): number | undefined {
  return earliest(events)?.occurredAt
}

function earliest(events: readonly ClassifiedEvent[]): MessageEvent | undefined {
  let found: MessageEvent | undefined
  for (const { event } of events) if (found === undefined || isEarlier(event, found)) found = event
  return found
}

function latest(events: readonly ClassifiedEvent[]): MessageEvent | undefined {
  let found: MessageEvent | undefined
  for (const { event } of events) if (found === undefined || isEarlier(found, event)) found = event
  return found
}

function isEarlier(a: MessageEvent, b: MessageEvent): boolean {
  return a.occurredAt < b.occurredAt || (a.occurredAt === b.occurredAt && a.id < b.id)
}
