import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../duration.ts'
import type { SimulatedEvent } from '../simulated-event.ts'
import type { ScenarioStart, ScenarioContext } from './scenario-context.ts'
import type { Channel, Template } from '../data-set.ts'

interface ChannelRates {
  /** Shares of sent messages. */
  readonly bounced: number
  readonly delivered: number
  /** The share of delivered messages, for a template of quality 1. */
  readonly opened: number
  /** The share of opened messages, for a template of quality 1. */
  readonly clicked: number
  readonly complained: number
  readonly unsubscribed: number
  readonly medianOpenDelayMs: number
}

const CHANNEL_RATES: Record<Channel, ChannelRates> = {
  email: {
    bounced: 0.024,
    delivered: 0.968,
    opened: 0.36,
    clicked: 0.2,
    complained: 0.0012,
    unsubscribed: 0.012,
    medianOpenDelayMs: 2 * HOUR_MS,
  },
  sms: {
    bounced: 0.016,
    delivered: 0.978,
    opened: 0.24,
    clicked: 0.45,
    complained: 0.002,
    unsubscribed: 0.03,
    medianOpenDelayMs: 6 * MINUTE_MS,
  },
  whatsapp: {
    bounced: 0.03,
    delivered: 0.955,
    opened: 0.58,
    clicked: 0.24,
    complained: 0.003,
    unsubscribed: 0.015,
    medianOpenDelayMs: 12 * MINUTE_MS,
  },
  push: {
    bounced: 0.07,
    delivered: 0.88,
    opened: 0.08,
    clicked: 0.6,
    complained: 0,
    unsubscribed: 0.05,
    medianOpenDelayMs: 25 * MINUTE_MS,
  },
}

const BOUNCE_REASONS = ['mailbox full', 'unknown recipient', 'blocked by provider', 'device not registered']
const DEVICES = ['iPhone', 'Android phone', 'Mac', 'Windows PC', 'tablet']

/** The campaign, workflow or sequence that sends. Its name is read at each event, so that later events have a changed name. */
export interface MessageSource {
  readonly type: 'campaign' | 'workflow' | 'sequence'
  readonly id: string
  name: string
}

/** Called when the event is generated; may schedule the sender's reaction. */
export interface MessageCallbacks {
  readonly onDelivered?: (at: number) => void
  readonly onBounced?: (at: number) => void
  readonly onUnsubscribed?: (at: number) => void
}

export interface Message {
  readonly template: Template
  readonly contactId: string
  readonly source?: MessageSource
}

/** A single message without a source, such as a receipt. */
export function startMessage(context: ScenarioContext, at: number): ScenarioStart {
  const template = context.random.pick(context.tenant.templates)
  const message = { template, contactId: context.random.pick(context.tenant.contacts) }
  return { firstEvent: sendMessage(context, at, message), expectedEvents: expectedMessageEvents(template) }
}

/** Sends a message at `at` and schedules its later events: bounced, none, or delivered and then perhaps opened, clicked, complained. */
export function sendMessage(
  context: ScenarioContext,
  at: number,
  message: Message,
  callbacks: MessageCallbacks = {},
): SimulatedEvent {
  const { random } = context
  const { template } = message
  const { bounced, delivered } = CHANNEL_RATES[template.channel]
  const messageId = `msg-${random.hex()}${random.hex()}`
  const describe = (metadata: Readonly<Record<string, unknown>>) => ({
    messageId,
    channel: template.channel,
    contactId: message.contactId,
    userId: null,
    ...(message.source && {
      sourceType: message.source.type,
      sourceId: message.source.id,
      sourceName: message.source.name,
    }),
    templateId: template.id,
    templateName: template.name,
    metadata,
  })

  const outcome = random.fraction()
  if (outcome < bounced) {
    context.schedule(at, random.logNormal(8 * SECOND_MS), (bouncedAt) => {
      callbacks.onBounced?.(bouncedAt)
      const metadata = { reason: random.pick(BOUNCE_REASONS), permanent: random.chance(0.6) }
      return context.createEvent('pipeline.message.bounced', bouncedAt, describe(metadata))
    })
  } else if (outcome < bounced + delivered) {
    context.schedule(at, random.logNormal(3 * SECOND_MS), (deliveredAt) => {
      scheduleEngagement(context, deliveredAt, template, describe, callbacks)
      callbacks.onDelivered?.(deliveredAt)
      return context.createEvent('pipeline.message.delivered', deliveredAt, describe({}))
    })
  }
  return context.createEvent(
    'pipeline.message.sent',
    at,
    describe({ locale: random.pick(['en', 'en', 'en', 'pt', 'de', 'es']) }),
  )
}

function scheduleEngagement(
  context: ScenarioContext,
  deliveredAt: number,
  template: Template,
  describe: (metadata: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  callbacks: MessageCallbacks,
): void {
  const { random } = context
  const rates = CHANNEL_RATES[template.channel]
  if (random.chance(rates.complained)) {
    context.schedule(deliveredAt, random.logNormal(rates.medianOpenDelayMs), (at) =>
      context.createEvent('pipeline.message.complained', at, describe({ feedback: 'marked as spam' })),
    )
  }
  if (!random.chance(openShare(template))) return
  context.schedule(deliveredAt, random.logNormal(rates.medianOpenDelayMs, 1.1), (openedAt) => {
    const device = random.pick(DEVICES)
    if (random.chance(clickShare(template))) {
      context.schedule(openedAt, random.logNormal(40 * SECOND_MS), (at) =>
        context.createEvent(
          'pipeline.message.clicked',
          at,
          describe({ device, link: random.pick(['main button', 'headline', 'footer']) }),
        ),
      )
    }
    if (random.chance(rates.unsubscribed)) {
      context.schedule(openedAt, random.logNormal(2 * MINUTE_MS), (at) => {
        callbacks.onUnsubscribed?.(at)
        return context.createEvent('pipeline.message.unsubscribed', at, describe({ device }))
      })
    }
    return context.createEvent('pipeline.message.opened', openedAt, describe({ device }))
  })
}

function openShare({ channel, quality }: Template): number {
  return Math.min(0.95, CHANNEL_RATES[channel].opened * quality)
}

function clickShare({ channel, quality }: Template): number {
  return Math.min(0.9, CHANNEL_RATES[channel].clicked * quality)
}

/** The average number of events of one message. */
export function expectedMessageEvents(template: Template): number {
  const { bounced, complained, delivered, unsubscribed } = CHANNEL_RATES[template.channel]
  const engagement = openShare(template) * (1 + clickShare(template) + unsubscribed)
  return 1 + bounced + delivered * (1 + complained + engagement)
}
