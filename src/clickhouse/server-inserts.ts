/**
 * Inserts over HTTP whose outcome can always be found out. One whose answer never came may still be on its way to a server that stalls: each therefore carries the
 * instant, on the server's clock, after which the server no longer begins it. Fenced is what was killed if it runs, and has expired if it does not.
 */
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { type Clock, sleep } from '../clock.ts'
import { StoreFailure } from '../errors.ts'
import { columnList, INSERT_SETTINGS, type InsertTarget } from './connect.ts'
import { toStoreFailure } from './errors.ts'
import { quoteText } from './literals.ts'

/** An insert begins within milliseconds; a server that takes longer is better asked again. */
const DEFAULT_VALID_MS = 10_000
const FENCE_POLL_MS = 200

export class ServerInserts {
  readonly #client: ClickHouseClient
  readonly #clock: Clock
  readonly #validMs: number
  /** How far the server's clock is ahead of ours; asked again after every failure. */
  #aheadMs: number | undefined
  /** Inserts of which nobody knows what became of them: their query ids and when they expire, on the server's clock. */
  readonly #unknown = new Map<string, number>()

  constructor(client: ClickHouseClient, clock: Clock, validMs = DEFAULT_VALID_MS) {
    this.#client = client
    this.#clock = clock
    this.#validMs = validMs
  }

  async insert(target: InsertTarget, block: Uint8Array): Promise<void> {
    this.#aheadMs ??= (await this.#serverNow()) - this.#clock.now()
    const queryId = `insert-${crypto.randomUUID()}`
    const expiresAt = Math.floor(this.#clock.now() + this.#aheadMs + this.#validMs)
    this.#unknown.set(queryId, expiresAt)
    try {
      const { stream } = await this.#client.exec({
        query: insertStatement(target, expiresAt),
        query_id: queryId,
        values: Readable.from([block]),
      })
      // A server that fails late says so in the body of an answer that began as a success.
      for await (const said of stream)
        if (String(said).trim() !== '')
          throw new StoreFailure('unavailable', 'The server answered an insert with words.')
      this.#unknown.delete(queryId)
    } catch (error) {
      this.#aheadMs = undefined
      const failure = toStoreFailure(error)
      // An answer with a code is the end of the insert: nothing of it is stored.
      if (failure.engineCode !== undefined) this.#unknown.delete(queryId)
      throw failure
    }
  }

  /** Resolves when no insert of unknown outcome can take effect any more. */
  async fence(): Promise<void> {
    const ids = [...this.#unknown.keys()]
    if (ids.length === 0) return
    const expired = Math.max(...this.#unknown.values())
    const query_params = { ids }
    const kill = () =>
      this.#client.command({ query: 'KILL QUERY WHERE query_id IN {ids:Array(String)} SYNC', query_params })
    try {
      await kill()
      while ((await this.#serverNow()) <= expired) await sleep(this.#clock, FENCE_POLL_MS)
      // One that began meanwhile, before it expired.
      await kill()
      const { length } = await this.#rows<object>(
        'SELECT query_id FROM system.processes WHERE query_id IN {ids:Array(String)}',
        query_params,
      )
      if (length > 0) throw new StoreFailure('unavailable', 'An earlier insert cannot be ended.')
    } catch (error) {
      throw toStoreFailure(error)
    }
    for (const id of ids) this.#unknown.delete(id)
  }

  async #serverNow(): Promise<number> {
    const [row] = await this.#rows<{ now: string }>('SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now')
    return Number(row!.now)
  }

  async #rows<Row>(query: string, query_params: Record<string, unknown> = {}): Promise<Row[]> {
    return (await this.#client.query({ query, query_params, format: 'JSONEachRow' })).json<Row>()
  }
}

/** `now64()` is evaluated when the server begins the statement, after it has entered it in its list of processes. */
function insertStatement(target: InsertTarget, expiresAt: number): string {
  const columns = columnList(target)
  const structure = target.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  return (
    `INSERT INTO ${target.table} (${columns}) SELECT ${columns} FROM input(${quoteText(structure)}) ` +
    `WHERE throwIf(now64(3) > fromUnixTimestamp64Milli(toInt64(${expiresAt}))) = 0 ${INSERT_SETTINGS} FORMAT Native`
  )
}
