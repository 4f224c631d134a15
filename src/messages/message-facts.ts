/** What became of a message: a pure function of its events, whatever their order and however often each was delivered. */
import type { BounceClass } from './bounce-class.ts'
import { type ActorVerdict, type ClassRules, DEFAULT_RULES, isMachine } from './classes/class-rules.ts'
import { classifyMessage } from './classes/classify-message.ts'
import type { MessageEvent, SentDimensions } from './message-event.ts'

/** The first sending of a message, which decides where and under which dimensions the message counts. */
export interface FirstSending<Dimensions = SentDimensions> {
  readonly eventId: string
  readonly at: number
  readonly dimensions: Dimensions
}

/** Instants in epoch milliseconds; undefined where there is no such event. All of them are the first ones but for `bouncedAt` and `lastEventAt`. */
export interface MessageFacts<Dimensions = SentDimensions> {
  readonly sent: FirstSending<Dimensions> | undefined
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

export interface ClassifiedEvent<Dimensions = SentDimensions> {
  readonly event: MessageEvent<Dimensions>
  /** Undefined for events that are neither opens nor clicks. */
  readonly verdict: ActorVerdict | undefined
}

/** The events of one message, each once and with its class. The order is that in which the ids first occur. */
export function classifiedEvents<Dimensions>(
  events: Iterable<MessageEvent<Dimensions>>,
  rules: ClassRules = DEFAULT_RULES,
): readonly ClassifiedEvent<Dimensions>[] {
  const byId = new Map<string, MessageEvent<Dimensions>>()
  for (const event of events) if (!byId.has(event.id)) byId.set(event.id, event)
  return classifyDistinct([...byId.values()], rules)
}

/** The same of events that are distinct already. */
export function classifyDistinct<Dimensions>(
  events: readonly MessageEvent<Dimensions>[],
  rules: ClassRules,
): readonly ClassifiedEvent<Dimensions>[] {
  const verdicts = classifyMessage(events, rules)
  return events.map((event, index) => ({ event, verdict: verdicts[index] }))
}

/** The facts of a message as of an instant: later events do not count, but the classes follow from all of its events. Of events at the same instant the id decides. */
export function factsOf<Dimensions>(
  events: readonly ClassifiedEvent<Dimensions>[],
  until = Infinity,
): MessageFacts<Dimensions> {
  type Event = MessageEvent<Dimensions>
  let [sending, bounce, last]: (Event | undefined)[] = []
  let [deliveredAt, openedAt, humanOpenedAt, clickedAt, humanClickedAt]: (number | undefined)[] = []
  let [complainedAt, unsubscribedAt]: (number | undefined)[] = []
  let [opens, clicks, unknownOpens, unknownClicks] = [0, 0, 0, 0]
  for (const { event, verdict } of events) {
    const { kind, occurredAt } = event
    if (occurredAt > until) continue
    if (last === undefined || isEarlier(last, event)) last = event
    const isHuman = verdict !== undefined && !isMachine(verdict)
    const isUnknown = verdict?.actorClass === 'unknown'
    switch (kind) {
      case 'sent':
        if (sending === undefined || isEarlier(event, sending)) sending = event
        break
      case 'delivered':
        deliveredAt = earlier(deliveredAt, occurredAt)
        break
      case 'opened':
        opens++
        openedAt = earlier(openedAt, occurredAt)
        if (isHuman) humanOpenedAt = earlier(humanOpenedAt, occurredAt)
        if (isUnknown) unknownOpens++
        break
      case 'clicked':
        clicks++
        clickedAt = earlier(clickedAt, occurredAt)
        if (isHuman) humanClickedAt = earlier(humanClickedAt, occurredAt)
        if (isUnknown) unknownClicks++
        break
      case 'bounced':
        if (bounce === undefined || isEarlier(bounce, event)) bounce = event
        break
      case 'complained':
        complainedAt = earlier(complainedAt, occurredAt)
        break
      case 'unsubscribed':
        unsubscribedAt = earlier(unsubscribedAt, occurredAt)
        break
    }
  }
  const isOutOfBand = deliveredAt !== undefined && bounce !== undefined && bounce.occurredAt > deliveredAt
  return {
    sent: sending?.dimensions && { eventId: sending.id, at: sending.occurredAt, dimensions: sending.dimensions },
    deliveredAt,
    firstOpenedAt: openedAt,
    firstHumanOpenedAt: humanOpenedAt,
    firstClickedAt: clickedAt,
    firstHumanClickedAt: humanClickedAt,
    bouncedAt: bounce?.occurredAt,
    bounceClass: bounce?.bounceClass,
    isOutOfBand,
    isAccepted: deliveredAt !== undefined && !isOutOfBand,
    complainedAt,
    unsubscribedAt,
    opens,
    clicks,
    unknownOpens,
    unknownClicks,
    lastEventAt: last?.occurredAt,
  }
}

function earlier(first: number | undefined, at: number): number {
  return first === undefined || at < first ? at : first
}

function isEarlier(a: MessageEvent<unknown>, b: MessageEvent<unknown>): boolean {
  return a.occurredAt < b.occurredAt || (a.occurredAt === b.occurredAt && a.id < b.id)
}
