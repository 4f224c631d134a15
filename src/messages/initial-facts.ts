import type { ActiveFacts } from '../analytics/query/active-facts.ts'
import { RULES_VERSION } from './classes/class-rules.ts'

/** The facts that are written with the events from the first one on. */
export const INITIAL_FACTS: ActiveFacts = { rulesNumber: 1, progress: 1, rulesVersion: RULES_VERSION }
