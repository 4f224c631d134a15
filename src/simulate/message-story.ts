import type { SimulatedEvent } from './event.ts'
import { hourMs, minuteMs, secondMs } from './scene.ts'
import type { Opening, Scene } from './scene.ts'
import type { Channel, Template } from './world.ts'

interface ChannelHabits {
  /** Shares of sent messages. */
  readonly bounced: number
  readonly delivered: number
  /** Share of delivered messages, for a template of quality 1. */
  readonly opened: number
  /** Share of opened messages, for a template of quality 1. */
  readonly clicked: number
  readonly complained: number
  readonly unsubscribed: number
  readonly medianOpenDelayMs: number
}

const habits: Record<Channel, ChannelHabits> = {
  email: {
    bounced: 0.024,
    delivered: 0.968,
    opened: 0.36,
    clicked: 0.2,
    complained: 0.0012,
    unsubscribed: 0.012,
    medianOpenDelayMs: 2 * hourMs,
  },
  sms: {
    bounced: 0.016,
    delivered: 0.978,
    opened: 0.24,
    clicked: 0.45,
    complained: 0.002,
    unsubscribed: 0.03,
    medianOpenDelayMs: 6 * minuteMs,
  },
  whatsapp: {
    bounced: 0.03,
    delivered: 0.955,
    opened: 0.58,
    clicked: 0.24,
    complained: 0.003,
    unsubscribed: 0.015,
    medianOpenDelayMs: 12 * minuteMs,
  },
  push: {
    bounced: 0.07,
    delivered: 0.88,
    opened: 0.08,
    clicked: 0.6,
    complained: 0,
    unsubscribed: 0.05,
    medianOpenDelayMs: 25 * minuteMs,
  },
}

const bounceReasons = ['mailbox full', 'unknown recipient', 'blocked by provider', 'device not registered']
const devices = ['iPhone', 'Android phone', 'Mac', 'Windows PC', 'tablet']

/** The campaign, workflow or sequence that sends. Its name is read at each event, so that a rename shows from then on. */
export interface MessageSource {
  readonly type: 'campaign' | 'workflow' | 'sequence'
  readonly id: string
  name: string
}

/** Called when the event is published; may plan what the sender does about it. */
export interface MessageReactions {
  readonly delivered?: (at: number) => void
  readonly bounced?: (at: number) => void
  readonly unsubscribed?: (at: number) => void
}

export interface Message {
  readonly template: Template
  readonly contactId: string
  readonly source?: MessageSource
}

/** A single message that belongs to nothing bigger, as a receipt does. */
export function startMessage(scene: Scene, at: number): Opening {
  const template = scene.random.pick(scene.tenant.templates)
  const message = { template, contactId: scene.random.pick(scene.tenant.contacts) }
  return { event: sendMessage(scene, at, message), expectedEvents: expectedMessageEvents(template) }
}

/** Sends a message at `at` and plans its fate: bounced, lost, or delivered and then perhaps opened, clicked, complained about. */
export function sendMessage(
  scene: Scene,
  at: number,
  message: Message,
  reactions: MessageReactions = {},
): SimulatedEvent {
  const { random } = scene
  const { template } = message
  const { bounced, delivered } = habits[template.channel]
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

  const fate = random.fraction()
  if (fate < bounced) {
    scene.after(at, random.around(8 * secondMs), (bouncedAt) => {
      reactions.bounced?.(bouncedAt)
      const metadata = { reason: random.pick(bounceReasons), permanent: random.chance(0.6) }
      return scene.event('pipeline.message.bounced', bouncedAt, describe(metadata))
    })
  } else if (fate < bounced + delivered) {
    scene.after(at, random.around(3 * secondMs), (deliveredAt) => {
      planReading(scene, deliveredAt, template, describe, reactions)
      reactions.delivered?.(deliveredAt)
      return scene.event('pipeline.message.delivered', deliveredAt, describe({}))
    })
  }
  return scene.event(
    'pipeline.message.sent',
    at,
    describe({ locale: random.pick(['en', 'en', 'en', 'pt', 'de', 'es']) }),
  )
}

function planReading(
  scene: Scene,
  deliveredAt: number,
  template: Template,
  describe: (metadata: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
  reactions: MessageReactions,
): void {
  const { random } = scene
  const habit = habits[template.channel]
  if (random.chance(habit.complained)) {
    scene.after(deliveredAt, random.around(habit.medianOpenDelayMs), (at) =>
      scene.event('pipeline.message.complained', at, describe({ feedback: 'marked as spam' })),
    )
  }
  if (!random.chance(openShare(template))) return
  scene.after(deliveredAt, random.around(habit.medianOpenDelayMs, 1.1), (openedAt) => {
    const device = random.pick(devices)
    if (random.chance(clickShare(template))) {
      scene.after(openedAt, random.around(40 * secondMs), (at) =>
        scene.event(
          'pipeline.message.clicked',
          at,
          describe({ device, link: random.pick(['main button', 'headline', 'footer']) }),
        ),
      )
    }
    if (random.chance(habit.unsubscribed)) {
      scene.after(openedAt, random.around(2 * minuteMs), (at) => {
        reactions.unsubscribed?.(at)
        return scene.event('pipeline.message.unsubscribed', at, describe({ device }))
      })
    }
    return scene.event('pipeline.message.opened', openedAt, describe({ device }))
  })
}

function openShare({ channel, quality }: Template): number {
  return Math.min(0.95, habits[channel].opened * quality)
}

function clickShare({ channel, quality }: Template): number {
  return Math.min(0.9, habits[channel].clicked * quality)
}

/** How many events one message comes to on average. */
export function expectedMessageEvents(template: Template): number {
  const { bounced, complained, delivered, unsubscribed } = habits[template.channel]
  const reading = openShare(template) * (1 + clickShare(template) + unsubscribed)
  return 1 + bounced + delivered * (1 + complained + reading)
}
