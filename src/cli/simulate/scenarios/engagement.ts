/** What happens to a message after its delivery: opens and clicks of people and machines, complaints, unsubscriptions and late bounces. */
import { pickLateBounce } from './bounces.ts'
import type { Template } from '../data-set.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../duration.ts'
import { type Evidence, evidenceFields, HIDDEN_LINK, LINKS } from './evidence.ts'
import { EXPECTED_MACHINE_EVENTS, type Gateway, GATEWAY_CLICKS, GATEWAY_SHARE, type Mailbox } from './mailboxes.ts'
import { CHANNEL_RATES, clickShare, openShare } from './channel-rates.ts'
import type { ScenarioContext } from './scenario-context.ts'

/** The `data` of an event of the message. */
export type DescribeMessage = (
  metadata: Readonly<Record<string, unknown>>,
  fields?: Readonly<Record<string, unknown>>,
) => Readonly<Record<string, unknown>>

export interface DeliveredMessage {
  readonly context: ScenarioContext
  readonly template: Template
  readonly contactId: string
  /** Of an e-mail. */
  readonly mailbox: Mailbox | undefined
  readonly describe: DescribeMessage
  readonly onBounced: ((at: number) => void) | undefined
  readonly onUnsubscribed: ((at: number) => void) | undefined
}

/** No person is faster, also in a live run, which shortens all other delays. */
const PERSON_DELAY_MS = 6 * SECOND_MS
const REOPEN_SHARE = 0.25
const SECOND_CLICK_SHARE = 0.15
const LATE_BOUNCE_SHARE = 0.002
/** The share of the opens and clicks on phones that say who acted. A push message or a read receipt says nothing. */
const PHONE_EVIDENCE_SHARE = 0.5

/** Schedules all later events of a message that was delivered at this instant. */
export function scheduleEngagement(message: DeliveredMessage, deliveredAt: number): void {
  const { context, template, mailbox, describe } = message
  const { random } = context
  const rates = CHANNEL_RATES[template.channel]
  if (random.chance(rates.complained)) {
    context.schedule(deliveredAt, random.logNormal(rates.medianOpenDelayMs), (at) =>
      context.createEvent('pipeline.message.complained', at, describe({ feedback: 'marked as spam' })),
    )
  }
  if (mailbox !== undefined) scheduleMachines(message, mailbox, deliveredAt)
  if (mailbox !== undefined && random.chance(LATE_BOUNCE_SHARE)) {
    context.schedule(deliveredAt, random.logNormal(HOUR_MS), (at) => {
      message.onBounced?.(at)
      return context.createEvent('pipeline.message.bounced', at, describe(pickLateBounce(random)))
    })
  } else if (random.chance(openShare(template))) schedulePerson(message, deliveredAt)
}

function schedulePerson(message: DeliveredMessage, deliveredAt: number): void {
  const { context, template, contactId, mailbox, describe } = message
  const { random } = context
  const rates = CHANNEL_RATES[template.channel]
  const ip = `198.51.100.${Number.parseInt(contactId.slice(-2), 16) || 1}`
  const hasEvidence = mailbox !== undefined || random.chance(PHONE_EVIDENCE_SHARE)
  const opened = (at: number) =>
    createActivity(message, 'opened', at, mailbox && { userAgent: mailbox.openUserAgent, ip })
  const clicked = (at: number) => {
    const url = pickLink(message)
    const userAgent = mailbox?.clickUserAgent ?? PHONE_BROWSER
    if (hasEvidence) return createActivity(message, 'clicked', at, { userAgent, ip, url })
    return context.createEvent('pipeline.message.clicked', at, describe({ link: url }))
  }
  const openDelay = PERSON_DELAY_MS + context.scaleDelay(random.logNormal(rates.medianOpenDelayMs, 1.1))
  context.scheduleScaled(deliveredAt, openDelay, (openedAt) => {
    if (random.chance(REOPEN_SHARE)) context.schedule(openedAt, random.logNormal(6 * HOUR_MS), opened)
    if (random.chance(clickShare(template))) {
      context.schedule(openedAt, random.logNormal(40 * SECOND_MS), (clickedAt) => {
        if (random.chance(SECOND_CLICK_SHARE)) context.schedule(clickedAt, random.logNormal(MINUTE_MS), clicked)
        return clicked(clickedAt)
      })
    }
    if (random.chance(rates.unsubscribed)) {
      context.schedule(openedAt, random.logNormal(2 * MINUTE_MS), (at) => {
        message.onUnsubscribed?.(at)
        return context.createEvent('pipeline.message.unsubscribed', at, describe({}))
      })
    }
    return opened(openedAt)
  })
}

const PHONE_BROWSER =
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36'

/** Machines open a message within seconds or minutes of its delivery, whether or not a person reads it later. */
function scheduleMachines(message: DeliveredMessage, { prefetch, gateway }: Mailbox, deliveredAt: number): void {
  const { context } = message
  const { random, tenant } = context
  if (prefetch !== undefined && random.chance(prefetch.share)) {
    const { userAgent, isMachineOpen } = prefetch
    // Some providers mark these opens themselves.
    const others = isMachineOpen === true && tenant.kind === 'software' ? { machineOpen: true } : {}
    context.schedule(deliveredAt, random.logNormal(20 * SECOND_MS), (at) =>
      createActivity(message, 'opened', at, { userAgent, ip: MACHINE_IP, others }),
    )
  }
  if (gateway !== undefined && random.chance(GATEWAY_SHARE)) scheduleGateway(message, gateway, deliveredAt)
}

const MACHINE_IP = '203.0.113.25'

/** Opens the message, then follows some of its links at short intervals. */
function scheduleGateway(message: DeliveredMessage, gateway: Gateway, deliveredAt: number): void {
  const { context } = message
  const { random, tenant } = context
  const { userAgent, method, hiddenLinkShare = 0 } = gateway
  const others = method === undefined ? {} : { method }
  const count = GATEWAY_CLICKS.min + random.integerBelow(GATEWAY_CLICKS.max - GATEWAY_CLICKS.min + 1)
  const links = LINKS[tenant.kind].slice(0, count)
  context.schedule(deliveredAt, random.logNormal(2 * SECOND_MS), (openedAt) => {
    let delayMs = 0
    const follow = (evidence: Omit<Evidence, 'userAgent' | 'ip'>) => {
      delayMs += 100 + random.integerBelow(900)
      context.scheduleScaled(openedAt, delayMs, (at) =>
        createActivity(message, 'clicked', at, { userAgent, ip: MACHINE_IP, ...evidence }),
      )
    }
    for (const url of links) follow({ url, others })
    if (random.chance(hiddenLinkShare)) follow({ url: HIDDEN_LINK, others: { ...others, linkRole: 'honeypot' } })
    return createActivity(message, 'opened', openedAt, { userAgent, ip: MACHINE_IP })
  })
}

function createActivity(
  { context, describe }: DeliveredMessage,
  kind: 'opened' | 'clicked',
  at: number,
  evidence: Evidence | undefined,
) {
  if (evidence === undefined) return context.createEvent(`pipeline.message.${kind}`, at, describe({}))
  const { fields, metadata } = evidenceFields(context.tenant.kind, evidence)
  return context.createEvent(`pipeline.message.${kind}`, at, describe(metadata, fields))
}

/** People follow the main link in most cases. */
function pickLink({ context }: DeliveredMessage): string {
  const links = LINKS[context.tenant.kind]
  return context.random.chance(0.7) ? links[0]! : context.random.pick(links)
}

/** The average number of events of one message after its delivery. */
export function expectedEngagementEvents(template: Template): number {
  const { complained, unsubscribed } = CHANNEL_RATES[template.channel]
  const isEmail = template.channel === 'email'
  const lateBounces = isEmail ? LATE_BOUNCE_SHARE : 0
  const perOpened = 1 + REOPEN_SHARE + clickShare(template) * (1 + SECOND_CLICK_SHARE) + unsubscribed
  return complained + lateBounces + (isEmail ? EXPECTED_MACHINE_EVENTS : 0) + openShare(template) * perOpened
}
