/** Which facts of messages a request reads, and the instant until which events count. */
import { ApiFailure } from '../../base/errors.ts'
import type { MessageHistories } from '../drill-down/messages/message-history.ts'
import type { ActiveFacts } from '../query/active-facts.ts'
import type { ActionsOfMessage } from './actor-classes.ts'
import type { CountedColumns } from './engagement-sums.ts'

/** What had become of a message, as the columns of its row. */
export interface MessageState extends CountedColumns {
  /** Milliseconds to the first open that is not a machine's; -1 without one. */
  readonly openDelay: number
  /** Milliseconds to the first click that is not a machine's; -1 without one. */
  readonly clickDelay: number
  /** Milliseconds from the first sending to the first open, click, and those that are not a machine's; 0 for one before the sending, -1 without one. */
  readonly openedAfter: number
  readonly clickedAfter: number
  readonly humanOpenedAfter: number
  readonly humanClickedAfter: number
}

/** The part of a stored message from which its state at an instant follows. */
export interface StoredMessage {
  readonly tenantId: string
  /** The first sending. */
  readonly sentAt: number
  /** The stored list of its events, in hexadecimal digits. */
  readonly eventsHex: string
}

/** The state of a message when no event after `until` counts. The classes of opens and clicks follow from all of its events. */
export type MessageStateAt = (message: StoredMessage, until: number) => MessageState

export interface FactsAsOf {
  /** The number of the rules in the rows to read. */
  readonly rules: number
  /** Events after this instant do not count. */
  readonly until: number
  readonly stateAt: MessageStateAt
  readonly actionsOf: ActionsOfMessage
}

/** What a request reads engagement from. */
export interface FactsSource {
  readonly active: ActiveFacts
  readonly stateAt: MessageStateAt
  /** For single messages. */
  readonly histories: MessageHistories
  readonly actionsOf: ActionsOfMessage
}

/** Stands for the facts while they are being calculated for the first time. */
export interface FactsInProgress {
  /** The part that is done, from 0 to 1. */
  readonly progress: number
}

/** The facts as of an instant. Throws the failure where it is not known which ones to read. */
export function factsAsOf({ active, stateAt, actionsOf }: FactsSource, until: number): FactsAsOf | FactsInProgress {
  const { rulesNumber, progress, failure } = active
  if (failure !== undefined) throw failure
  return rulesNumber === undefined ? { progress } : { rules: rulesNumber, until, stateAt, actionsOf }
}

/** The facts of a request. Throws a failure while they are being calculated for the first time. */
export function requireFacts({ facts }: { readonly facts?: FactsAsOf | FactsInProgress | undefined }): FactsAsOf {
  if (facts && 'rules' in facts) return facts
  throw new ApiFailure(
    'ENGAGEMENT_NOT_READY',
    `Engagement is being calculated from the stored events: ${Math.floor((facts?.progress ?? 0) * 100)} % done. Try again later.`,
  )
}
