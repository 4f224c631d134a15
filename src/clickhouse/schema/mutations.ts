/**
 * Mutations are kept by the engine and run in the background, over restarts too: so nobody has to hold a statement open for as long as one takes.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

const POLL_MS = 250

export interface MutationWait {
  readonly database: string
  /** The first words of the commands, by which they are known. */
  readonly commands: 'DELETE' | 'MATERIALIZE'
  readonly clock: Clock
}

export interface UnfinishedMutations {
  readonly mutations: number
  /** Why one fails; empty when none does. */
  readonly failure: string
}

/** What of the events' mutations is not done yet; of those whose commands match the pattern, when one is given. */
export async function countUnfinishedMutations(
  connection: StoreConnection,
  database: string,
  commands = '',
): Promise<UnfinishedMutations> {
  const [row] = await connection.query<UnfinishedMutations>(
    `SELECT count() AS mutations, max(failure) AS failure FROM ${connection.topology.unfinishedMutations}
    SETTINGS output_format_json_quote_64bit_integers = 0`,
    { database, commands },
  )
  return row!
}

/** Resolves when no such mutation of the events is under way. Rejects with a StoreFailure where one fails: the engine goes on trying. */
export async function waitForMutations(
  connection: StoreConnection,
  { database, commands, clock }: MutationWait,
): Promise<void> {
  for (;;) {
    const { mutations, failure } = await countUnfinishedMutations(connection, database, `^\\W*${commands}\\b`)
    if (mutations === 0) return
    if (failure !== '') throw new StoreFailure('unavailable', `A mutation fails: ${failure}`)
    await sleep(clock, POLL_MS)
  }
}
