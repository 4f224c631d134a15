/** Gives each open and click of a message its class. Pure, and independent of the order of the events. */
import { type ActorReason, type ActorVerdict, type ClassRules, DEFAULT_RULES } from './class-rules.ts'
import type { ClassifiableEvent } from './classifiable-event.ts'
import { InputBit } from './input-bits.ts'
import { findBursts, isNear } from './near-events.ts'

const verdict = (actorClass: ActorVerdict['actorClass'], actorReason: ActorReason): ActorVerdict =>
  Object.freeze({ actorClass, actorReason })

/** By ProviderFlag. */
const FLAG_VERDICTS = [
  undefined,
  verdict('privacy', 'provider_flag'),
  verdict('prefetch', 'provider_flag'),
  verdict('scanner', 'provider_flag'),
  verdict('bot', 'provider_flag'),
]
const HONEYPOT = verdict('scanner', 'honeypot')
const HEAD = verdict('scanner', 'head')
const SCANNER_AGENT = verdict('scanner', 'ua_scanner')
const BOT_AGENT = verdict('bot', 'ua_bot')
const BARE_MOZILLA = verdict('privacy', 'ua_mpp')
const GMAIL_PREFETCH = verdict('prefetch', 'ua_gmail_prefetch')
const PROXY_EARLY = verdict('prefetch', 'proxy_early')
const BEFORE_DELIVERY = verdict('scanner', 'before_delivery')
const BURST = verdict('scanner', 'burst')
const TOO_FAST = verdict('scanner', 'too_fast')
const TENANT_CIDR = verdict('scanner', 'tenant_cidr')
const HUMAN = verdict('human', 'default')
const NO_EVIDENCE = verdict('unknown', 'no_evidence')

/** What the rules know about the other events of the message. */
interface MessageContext {
  readonly deliveredAt: number | undefined
  /** The first delivery, else the first sending. */
  readonly startedAt: number | undefined
  /** Instants of events with the role honeypot, ascending. */
  readonly honeypots: readonly number[]
  readonly bursts: ReadonlySet<ClassifiableEvent>
}

/** The class of each event, in the order of the events; undefined for events that are neither opens nor clicks. `events` are all events of one message, each once. */
export function classifyMessage(
  events: readonly ClassifiableEvent[],
  rules: ClassRules = DEFAULT_RULES,
): readonly (ActorVerdict | undefined)[] {
  // Most messages have neither when their facts are calculated.
  if (!events.some(isClassified)) return events.map(() => undefined)
  const context = contextOf(events, rules)
  return events.map((event) => (isClassified(event) ? verdictOf(event, context, rules) : undefined))
}

function isClassified({ kind }: ClassifiableEvent): boolean {
  return kind === 'opened' || kind === 'clicked'
}

function contextOf(events: readonly ClassifiableEvent[], rules: ClassRules): MessageContext {
  const deliveredAt = firstOf(events, 'delivered')
  const clicks = events.filter(({ kind }) => kind === 'clicked')
  return {
    deliveredAt,
    startedAt: deliveredAt ?? firstOf(events, 'sent'),
    honeypots: events
      .filter(({ inputs }) => (inputs.bits & InputBit.honeypot) !== 0)
      .map(({ occurredAt }) => occurredAt)
      .sort((a, b) => a - b),
    bursts: findBursts(clicks, rules.burstSeconds * 1_000, rules.burstLinks),
  }
}

function firstOf(events: readonly ClassifiableEvent[], kind: string): number | undefined {
  let first: number | undefined
  for (const event of events)
    if (event.kind === kind && (first === undefined || event.occurredAt < first)) first = event.occurredAt
  return first
}

/** The rules in their order; the first that matches decides. */
function verdictOf(event: ClassifiableEvent, context: MessageContext, rules: ClassRules): ActorVerdict {
  const { occurredAt, inputs } = event
  const { deliveredAt, startedAt } = context
  const isOpen = event.kind === 'opened'
  const has = (bit: number) => (inputs.bits & bit) !== 0
  const startedEarlierThan = (seconds: number) => startedAt !== undefined && occurredAt - startedAt < seconds * 1_000

  const flagged = FLAG_VERDICTS[inputs.bits & InputBit.providerFlag]
  if (flagged !== undefined) return flagged
  if (isNear(context.honeypots, occurredAt, rules.honeypotSeconds * 1_000)) return HONEYPOT
  if (has(InputBit.head)) return HEAD
  if (has(InputBit.scannerAgent)) return SCANNER_AGENT
  if (has(InputBit.botAgent)) return BOT_AGENT
  if (isOpen && has(InputBit.bareMozilla)) return BARE_MOZILLA
  if (isOpen && has(InputBit.gmailPrefetch)) return GMAIL_PREFETCH
  if (isOpen && has(InputBit.imageProxy) && startedEarlierThan(rules.proxyEarlySeconds)) return PROXY_EARLY
  if (deliveredAt !== undefined && deliveredAt - occurredAt > rules.beforeDeliverySeconds * 1_000)
    return BEFORE_DELIVERY
  if (context.bursts.has(event)) return BURST
  if (startedEarlierThan(deliveredAt === undefined ? rules.tooFastAfterSentSeconds : rules.tooFastSeconds))
    return TOO_FAST
  if (has(InputBit.scannerNetwork)) return TENANT_CIDR
  return has(InputBit.evidence) ? HUMAN : NO_EVIDENCE
}
