/** What is known about single messages, as far as it follows from all of their events: the port through which it is calculated. */

/** An event of a message with what the other events of the message say about it. */
export interface HistoryEvent {
  /** The first 16 hexadecimal digits of the id. */
  readonly idHead: string
  readonly eventType: string
  /** Epoch milliseconds. */
  readonly occurredAt: number
  /** Of opens and clicks. */
  readonly actorClass: string | undefined
  /** The rule that decided the class. */
  readonly actorReason: string | undefined
  /** Stands for the link of an open or click, see `linkKeyOf`. */
  readonly linkKey: string | undefined
}

/** What became of a message. Instants in epoch milliseconds; null where there is no such event. */
export interface MessageOutcome {
  readonly sentAt: number | null
  readonly deliveredAt: number | null
  readonly firstOpenedAt: number | null
  readonly firstHumanOpenedAt: number | null
  readonly firstClickedAt: number | null
  readonly firstHumanClickedAt: number | null
  /** The last bounce. */
  readonly bouncedAt: number | null
  readonly bounceClass: string | null
  readonly complainedAt: number | null
  readonly unsubscribedAt: number | null
  readonly opens: number
  readonly clicks: number
}

export interface MessageHistory {
  readonly outcome: MessageOutcome
  /** One bit per condition of the registry of engagement metrics, as in the stored rows. */
  readonly state: number
  /** All events, in the order of (occurredAt, id). */
  readonly events: readonly HistoryEvent[]
}

/** An event of a message as a row of the events table, with the columns that its class depends on. */
export interface HistoryRow {
  readonly id: string
  readonly event_type: string
  /** Epoch milliseconds. */
  readonly occurred_at: number
  readonly metadata: string
}

/** Calculates histories by the rules that the stored facts follow from. Events after `until` do not count in the outcome; the classes follow from all events. */
export interface MessageHistories {
  /** From the stored list of the events of a message, in hexadecimal digits. */
  ofList(message: { tenantId: string; sentAt: number; eventsHex: string }, until: number): MessageHistory
  /** From all events of a message. */
  ofRows(tenantId: string, rows: readonly HistoryRow[], until: number): MessageHistory
  /** The hash by which the stored facts of a message are found, as a decimal number. */
  hashOf(tenantId: string, messageId: string): string
  /** What stands for a link in a list of events. */
  linkKeyOf(link: string): string
}
