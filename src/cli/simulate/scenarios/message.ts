import { SECOND_MS } from '../../duration.ts'
import { pickBounce } from './bounces.ts'
import type { Template } from '../data-set.ts'
import { mailboxOf } from './mailboxes.ts'
import type { SimulatedEvent } from '../simulated-event.ts'
import { CHANNEL_RATES } from './channel-rates.ts'
import { type DescribeMessage, expectedEngagementEvents, scheduleEngagement } from './engagement.ts'
import type { ScenarioContext, ScenarioStart } from './scenario-context.ts'

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
  const mailbox = template.channel === 'email' ? mailboxOf(message.contactId) : undefined
  const describe: DescribeMessage = (metadata, fields) => {
    const data: Record<string, unknown> = {
      messageId,
      channel: template.channel,
      contactId: message.contactId,
      userId: null,
      templateId: template.id,
      templateName: template.name,
      metadata,
    }
    if (message.source !== undefined) {
      data['sourceType'] = message.source.type
      data['sourceId'] = message.source.id
      data['sourceName'] = message.source.name
    }
    if (mailbox !== undefined) data['recipientDomain'] = mailbox.domain
    return fields === undefined ? data : Object.assign(data, fields)
  }

  const outcome = random.fraction()
  if (outcome < bounced) {
    context.schedule(at, random.logNormal(8 * SECOND_MS), (bouncedAt) => {
      callbacks.onBounced?.(bouncedAt)
      return context.createEvent('pipeline.message.bounced', bouncedAt, describe(pickBounce(template.channel, random)))
    })
  } else if (outcome < bounced + delivered) {
    context.schedule(at, random.logNormal(3 * SECOND_MS), (deliveredAt) => {
      const { onBounced, onUnsubscribed } = callbacks
      const { contactId } = message
      scheduleEngagement({ context, template, contactId, mailbox, describe, onBounced, onUnsubscribed }, deliveredAt)
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

/** The average number of events of one message. */
export function expectedMessageEvents(template: Template): number {
  const { bounced, delivered } = CHANNEL_RATES[template.channel]
  return 1 + bounced + delivered * (1 + expectedEngagementEvents(template))
}
