import {
  type FactsAsOf,
  factsAsOf,
  type FactsSource,
  requireFacts,
} from '../../../../src/analytics/engagement/facts-as-of.ts'
import { DEFAULT_RULES_BY_TENANT } from '../../../../src/messages/classes/parse-class-rules.ts'
import { RULES_VERSION } from '../../../../src/messages/classes/class-rules.ts'
import { messageHashText } from '../../../../src/clickhouse/facts/message-hash-text.ts'
import { createMessageHistories } from '../../../../src/messages/message-history.ts'
import { createActionsOfMessage, createMessageStateAt } from '../../../../src/messages/message-state.ts'

/** The facts that the event store of a test writes. */
export const TEST_FACTS: FactsSource = {
  active: { rulesNumber: 1, progress: 1, rulesVersion: RULES_VERSION },
  stateAt: createMessageStateAt(DEFAULT_RULES_BY_TENANT),
  histories: createMessageHistories(DEFAULT_RULES_BY_TENANT, messageHashText),
  actionsOf: createActionsOfMessage(DEFAULT_RULES_BY_TENANT),
}

export function testFactsAsOf(until: number): FactsAsOf {
  return requireFacts({ facts: factsAsOf(TEST_FACTS, until) })
}
