import type { FactsSource } from '../analytics/engagement/facts-as-of.ts'
import { messageHashText } from '../clickhouse/facts/message-hash-text.ts'
import type { ActiveVersion } from '../clickhouse/facts/versions/active-version.ts'
import { createMessageHistories } from '../messages/message-history.ts'
import { createActionsOfMessage, createMessageStateAt } from '../messages/message-state.ts'

/** What requests read engagement from. */
export function createFactsSource(active: ActiveVersion): FactsSource {
  return {
    active,
    stateAt: createMessageStateAt(active),
    histories: createMessageHistories(active, messageHashText),
    actionsOf: createActionsOfMessage(active),
  }
}
