/** A slow and literal calculation of the facts of messages and of the engagement metrics, from the events that were sent. */
import {
  type SampleEvent,
  SLOW_DEFAULTS,
  type SlowRules,
  slowBounceClass,
  slowDomain,
  slowVerdict,
} from './message-classes.ts'

/** The classes of the events of each message by the default rules, which are asked for again and again. */
const knownClasses = new WeakMap<readonly SampleEvent[], ReadonlyMap<SampleEvent, string>>()

function classesOf(all: readonly SampleEvent[], rules: SlowRules): ReadonlyMap<SampleEvent, string> {
  let classes = rules === SLOW_DEFAULTS ? knownClasses.get(all) : undefined
  if (!classes) {
    classes = new Map(all.map((event) => [event, slowVerdict(event, all, rules).split(' ')[0]!]))
    if (rules === SLOW_DEFAULTS) knownClasses.set(all, classes)
  }
  return classes
}

/** The first or last by time, then by id; classes follow from all events, but only those up to `until` count. */
function selectorsOf(all: readonly SampleEvent[], until: number, rules = SLOW_DEFAULTS) {
  const sorted = all.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  const of = (kind: string) => sorted.filter((event) => event.kind === kind)
  const classes = classesOf(all, rules)
  const classOf = (event: SampleEvent) => classes.get(event)!
  const human = (kind: string) => of(kind).filter((event) => ['human', 'unknown'].includes(classOf(event)))
  const unknown = (kind: string) => of(kind).filter((event) => classOf(event) === 'unknown')
  return { sorted, of, human, unknown }
}

/** In the shape of MessageFacts, with the id instead of the dimensions of the sending. */
export function slowFacts(all: readonly SampleEvent[], until = Infinity, rules = SLOW_DEFAULTS) {
  const { sorted, of, human, unknown } = selectorsOf(all, until, rules)
  const sent = of('sent')[0]
  const bounce = of('bounced').at(-1)
  const deliveredAt = of('delivered')[0]?.at
  return {
    sent: sent && { eventId: sent.id, at: sent.at, domain: slowDomain(sent.data) },
    deliveredAt,
    firstOpenedAt: of('opened')[0]?.at,
    firstHumanOpenedAt: human('opened')[0]?.at,
    firstClickedAt: of('clicked')[0]?.at,
    firstHumanClickedAt: human('clicked')[0]?.at,
    bouncedAt: bounce?.at,
    bounceClass: bounce && slowBounceClass(bounce.data),
    isOutOfBand: of('delivered').some(({ at }) => bounce !== undefined && at < bounce.at),
    isAccepted: deliveredAt !== undefined && of('bounced').every(({ at }) => at <= deliveredAt),
    complainedAt: of('complained')[0]?.at,
    unsubscribedAt: of('unsubscribed')[0]?.at,
    opens: of('opened').length,
    clicks: of('clicked').length,
    unknownOpens: unknown('opened').length,
    unknownClicks: unknown('clicked').length,
    lastEventAt: sorted.at(-1)?.at,
  }
}

type SlowFacts = ReturnType<typeof slowFacts>

/** The metrics of messages, by the table of their definitions. A message counts by its first sending, even where that is later than `until`. */
export function slowEngagement(messages: readonly (readonly SampleEvent[])[], until = Infinity, rules = SLOW_DEFAULTS) {
  const sent = messages
    .map((events) => ({ ...slowFacts(events, until, rules), sent: slowFacts(events, Infinity, rules).sent }))
    .filter((facts) => facts.sent !== undefined)
  const delivered = sent.filter(({ deliveredAt }) => deliveredAt !== undefined)
  const clickedByPeople = (facts: SlowFacts) => facts.firstHumanClickedAt !== undefined
  const openedByPeople = (facts: SlowFacts) => facts.firstHumanOpenedAt !== undefined
  const confirmed = (facts: SlowFacts) => openedByPeople(facts) || clickedByPeople(facts)
  const bounced = (name: string) => sent.filter(({ bounceClass }) => bounceClass === name).length
  const number = (isCounted: (facts: SlowFacts) => boolean, among = sent) => among.filter(isCounted).length
  const ofDelivered = (isCounted: (facts: SlowFacts) => boolean) =>
    percent(number(isCounted, delivered), delivered.length)
  const waits = (key: 'firstHumanOpenedAt' | 'firstHumanClickedAt') =>
    sent.flatMap((facts) => {
      const from = facts.deliveredAt ?? facts.sent!.at
      return facts[key] === undefined ? [] : [Math.max(0, facts[key] - from) / 1_000]
    })
  const opened = ({ opens }: SlowFacts) => opens > 0
  const clicked = ({ clicks }: SlowFacts) => clicks > 0
  const complained = ({ complainedAt }: SlowFacts) => complainedAt !== undefined
  const unsubscribed = ({ unsubscribedAt }: SlowFacts) => unsubscribedAt !== undefined
  const accepted = number(({ isAccepted }) => isAccepted)
  const anyBounce = number(({ bouncedAt }) => bouncedAt !== undefined)
  const deliveredOrBounced = number((facts) => [facts.deliveredAt, facts.bouncedAt].some((at) => at !== undefined))
  const total = (of: (facts: SlowFacts) => number) => sent.reduce((sum, facts) => sum + of(facts), 0)
  return {
    messages: sent.length,
    deliveredMessages: delivered.length,
    bouncedMessages: anyBounce,
    complainedMessages: number(complained),
    unsubscribedMessages: number(unsubscribed),
    acceptedMessages: accepted,
    uniqueOpens: number(opened),
    uniqueClicks: number(clicked),
    humanOpens: number(openedByPeople),
    humanClicks: number(clickedByPeople),
    machineOnlyOpens: number((facts) => opened(facts) && !openedByPeople(facts)),
    confirmedOpens: number(confirmed),
    hardBounces: bounced('hard'),
    softBounces: bounced('soft'),
    blockBounces: bounced('block'),
    adminBounces: bounced('admin'),
    undeterminedBounces: bounced('undetermined'),
    deliveredOrBouncedMessages: deliveredOrBounced,
    uniqueOpenRate: ofDelivered(opened),
    humanOpenRate: ofDelivered(openedByPeople),
    confirmedOpenRate: ofDelivered(confirmed),
    uniqueClickRate: ofDelivered(clicked),
    humanClickRate: ofDelivered(clickedByPeople),
    complaintRate: ofDelivered(complained),
    unsubscribeRate: ofDelivered(unsubscribed),
    clickToOpenRate: percent(number(clickedByPeople), number(confirmed)),
    acceptedRate: percent(accepted, sent.length),
    hardBounceRate: percent(bounced('hard'), sent.length),
    bounceMessageRate: percent(anyBounce, sent.length),
    deliveredOrBouncedRate: percent(deliveredOrBounced, sent.length),
    unknownShare: percent(
      total(({ unknownOpens, unknownClicks }) => unknownOpens + unknownClicks),
      total(({ opens, clicks }) => opens + clicks),
    ),
    medianSecondsToOpen: middle(waits('firstHumanOpenedAt')),
    medianSecondsToClick: middle(waits('firstHumanClickedAt')),
  }
}

/** To two decimals, halves up: in whole hundredths, so that no fraction is rounded twice. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((part * 20_000 + whole) / (2 * whole)) / 100
}

function middle(values: number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  while (sorted.length > 2) {
    sorted.pop()
    sorted.shift()
  }
  return sorted[0] ?? null
}
