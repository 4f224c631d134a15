import {
  EVENTS_OF_MESSAGES,
  FACTS_OF_MESSAGES,
  factsDifferences,
  type StoredEvent,
  type StoredFacts,
} from '../../support/oracle/stored-facts.ts'
import { DISTINCT_IDS, type StoredSums, SUMS } from './truth.ts'

/** What is stored at the end of a run. */
export interface Stored {
  readonly sums: readonly StoredSums[]
  /** The number of distinct ids. */
  readonly ids: number
  /** Between the facts of messages and their events, in words. */
  readonly factsDifferences: readonly string[]
}

/** `ask` runs a statement. */
export async function readStored(ask: <Row>(sql: string) => Promise<Row[]>): Promise<Stored> {
  const sums = await ask<StoredSums>(SUMS)
  const [row] = await ask<{ ids: number }>(DISTINCT_IDS)
  const events = await ask<StoredEvent>(EVENTS_OF_MESSAGES)
  const facts = await ask<StoredFacts>(FACTS_OF_MESSAGES)
  return { sums, ids: row!.ids, factsDifferences: factsDifferences(events, facts) }
}
