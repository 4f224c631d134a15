/** The classes of opens and clicks: who acted. */
export const ACTOR_CLASSES = ['human', 'privacy', 'prefetch', 'scanner', 'bot', 'unknown'] as const
export type ActorClass = (typeof ACTOR_CLASSES)[number]

/** The bits of a message's `action_classes`: one per class of its opens, then one per class of its clicks. */
export const FIRST_CLASS_BIT = { opened: 0, clicked: ACTOR_CLASSES.length } as const

/** An open or click of a message, with its class. */
export interface ClassifiedAction {
  /** The first 16 hexadecimal digits of the id of the event. */
  readonly idHead: string
  readonly kind: 'opened' | 'clicked'
  /** Epoch milliseconds. */
  readonly occurredAt: number
  readonly actorClass: ActorClass
}

/** The opens and clicks of a message, from the stored list of its events, in hexadecimal digits. Their classes follow from all events of the message. */
export type ActionsOfMessage = (tenantId: string, eventsHex: string) => readonly ClassifiedAction[]
