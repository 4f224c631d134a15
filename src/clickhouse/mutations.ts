/**
 * Mutations are kept by the engine and run in the background, over restarts too: so nobody has to hold a statement open for as long as one takes.
 */
import { type Clock, sleep } from '../clock.ts'
import { StoreFailure } from '../errors.ts'
import type { StoreConnection } from './connect.ts'

const POLL_MS = 250

const UNDER_WAY = `
  SELECT count() AS mutations, sum(parts_to_do) AS parts, max(latest_fail_reason) AS failure
  FROM system.mutations
  WHERE database = {database:String} AND table = 'analytics_events' AND NOT is_done AND match(command, {commands:String})
  SETTINGS output_format_json_quote_64bit_integers = 0`

export interface AwaitedMutations {
  readonly database: string
  /** The first words of the commands, by which they are known. */
  readonly commands: 'UPDATE' | 'DELETE' | 'MATERIALIZE'
  readonly clock: Clock
  /** Told again and again how many parts are left. */
  readonly onProgress?: (partsLeft: number) => void
}

/** Resolves when no such mutation of the events is under way. Rejects with a StoreFailure where one fails: the engine goes on trying. */
export async function mutationsDone(
  connection: StoreConnection,
  { database, commands, clock, onProgress }: AwaitedMutations,
): Promise<void> {
  for (;;) {
    const [row] = await connection.query<{ mutations: number; parts: number; failure: string }>(UNDER_WAY, {
      database,
      commands: `^\\W*${commands}\\b`,
    })
    if (row!.mutations === 0) return
    if (row!.failure !== '') throw new StoreFailure('unavailable', `A mutation fails: ${row!.failure}`)
    onProgress?.(row!.parts)
    await sleep(clock, POLL_MS)
  }
}
