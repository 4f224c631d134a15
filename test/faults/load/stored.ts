import {
  eventsOfMessages,
  factsDifferences,
  factsOfMessages,
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

/** As many as are read at once: a long run has more than fit into memory. */
const EVENTS_PER_PART = 500_000

/** `ask` runs a statement. */
export async function readStored(ask: <Row>(sql: string) => Promise<Row[]>): Promise<Stored> {
  const sums = await ask<StoredSums>(SUMS)
  const [row] = await ask<{ ids: number }>(DISTINCT_IDS)
  const differences: string[] = []
  const parts = Math.ceil((row!.ids + 1) / EVENTS_PER_PART)
  for (let part = 0; part < parts; part++) {
    const events = await ask<StoredEvent>(eventsOfMessages({ part, parts }))
    const facts = await ask<StoredFacts>(factsOfMessages({ part, parts }))
    differences.push(...factsDifferences(events, facts))
  }
  return { sums, ids: row!.ids, factsDifferences: differences }
}
