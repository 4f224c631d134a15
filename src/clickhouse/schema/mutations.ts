/**
 * Mutations of the events table. The engine stores a mutation and runs it in the background, also across restarts.
 */
import { type Clock, sleep } from '../../base/clock.ts'
import { StoreFailure } from '../../base/errors.ts'
import { named, UNQUOTED_INTEGERS } from '../connection/named-statement.ts'
import type { StoreConnection } from '../connection/store-connection.ts'

const POLL_MS = 250

export interface MutationWait {
  readonly database: string
  /** The first word of the commands to wait for. */
  readonly commands: 'DELETE' | 'MATERIALIZE'
  readonly clock: Clock
}

export interface UnfinishedMutations {
  readonly mutations: number
  /** Why one of them fails; empty when none does. */
  readonly failure: string
}

/** The unfinished mutations of the events table whose command matches the regular expression. */
export async function countUnfinishedMutations(
  connection: StoreConnection,
  database: string,
  commands = '',
): Promise<UnfinishedMutations> {
  const [row] = await connection.query<UnfinishedMutations>(
    named(
      'count_unfinished_mutations',
      `SELECT count() AS mutations, max(failure) AS failure FROM ${connection.topology.unfinishedMutations}`,
      UNQUOTED_INTEGERS,
    ),
    { database, commands },
  )
  return row!
}

/** Resolves when no such mutation is unfinished. Rejects with a StoreFailure when one fails; the engine keeps retrying it. */
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
