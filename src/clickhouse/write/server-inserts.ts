/**
 * Inserts over HTTP whose outcome can always be settled. One whose answer never came, or whose process died, may still be on its way to a server that stalls. Each
 * therefore names the epoch it belongs to and stores nothing once a newer one has begun: fenced is what was killed if it ran, and is too old if it comes later.
 */
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { StoreFailure } from '../../base/errors.ts'
import { columnListSql, INSERT_SETTINGS, type InsertTarget, type WriterFences } from '../connection/store-connection.ts'
import { toStoreFailure } from '../connection/to-store-failure.ts'
import { quoteText } from '../connection/sql-literals.ts'
import { parseRows } from '../connection/json-rows.ts'
import type { FenceStatements } from '../schema/table-topology.ts'

const NEWEST_EPOCH = 'SELECT max(epoch) FROM analytics_writers WHERE writer = '
/** The epoch of a writer that was closed off: the largest there is. */
const FENCED_EPOCH = '18446744073709551615'
const BEGIN_EPOCH = `
  INSERT INTO analytics_writers
  SELECT {writer:String}, if(max(epoch) = ${FENCED_EPOCH}, max(epoch), greatest(max(epoch) + 1, toUInt64(toUnixTimestamp64Milli(now64(3)))))
  FROM analytics_writers WHERE writer = {writer:String} SETTINGS async_insert = 0`

export class ServerInserts {
  readonly #client: ClickHouseClient
  readonly #writer: string
  readonly #statements: FenceStatements
  #epoch: string | undefined

  /** `writer` names who writes: one process at a time, and the same name for the one after it. */
  constructor(client: ClickHouseClient, writer: string, statements: FenceStatements) {
    this.#client = client
    this.#writer = writer
    this.#statements = statements
  }

  async insert(target: InsertTarget, block: Uint8Array): Promise<void> {
    if (this.#epoch === undefined) await this.fence()
    try {
      const { stream } = await this.#client.exec({
        query: this.#statement(target, this.#epoch!),
        query_id: `${this.#queryPrefix}${crypto.randomUUID()}`,
        values: Readable.from([block]),
      })
      // A server that fails late says so in the body of an answer that began as a success.
      for await (const chunk of stream)
        if (String(chunk).trim() !== '')
          throw new StoreFailure('unavailable', 'The server answered an insert with words.')
    } catch (error) {
      throw toStoreFailure(error)
    }
  }

  /** Begins a new epoch. Resolves when no insert of an earlier one, of this process or another, can take effect any more. */
  async fence(): Promise<void> {
    this.#epoch = undefined
    try {
      const query_params = { writer: this.#writer }
      await this.#client.command({ query: BEGIN_EPOCH, query_params })
      const [row] = await queryRows<{ epoch: string }>(
        this.#client,
        `SELECT toString((${NEWEST_EPOCH} {writer:String})) AS epoch`,
        query_params,
      )
      if (row!.epoch === FENCED_EPOCH) throw new StoreFailure('fenced', 'This writer was closed off.')
      await killInserts(this.#client, this.#statements, this.#queryPrefix)
      this.#epoch = row!.epoch
    } catch (error) {
      throw toStoreFailure(error)
    }
  }

  get #queryPrefix(): string {
    return queryIdPrefix(this.#writer)
  }

  /** The newest epoch is read when the server begins the statement, which is after it has entered it in its list of processes. */
  #statement(target: InsertTarget, epoch: string): string {
    const columns = columnListSql(target)
    const structure = target.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
    return (
      `INSERT INTO ${target.table} (${columns}) SELECT ${columns} FROM input(${quoteText(structure)}) ` +
      `WHERE throwIf((${NEWEST_EPOCH}${quoteText(this.#writer)}) > ${epoch}) = 0 ${INSERT_SETTINGS} FORMAT Native`
    )
  }
}

/** Closes writers off for good: each gets an epoch after which there is none. */
export class ServerWriterFences implements WriterFences {
  readonly #client: ClickHouseClient
  readonly #statements: FenceStatements

  constructor(client: ClickHouseClient, statements: FenceStatements) {
    this.#client = client
    this.#statements = statements
  }

  async fenceWriter(name: string): Promise<void> {
    await this.#fence('SELECT {name:String} AS writer', name, queryIdPrefix(name))
  }

  async fenceWriterGroup(group: string): Promise<void> {
    await this.#fence(
      "SELECT DISTINCT writer FROM analytics_writers WHERE writer = {name:String} OR startsWith(writer, concat({name:String}, '.'))",
      group,
      queryIdPrefix(group),
      `insert:${group}.`,
    )
  }

  async #fence(writers: string, name: string, ...queryPrefixes: string[]): Promise<void> {
    try {
      await this.#client.command({
        query: `INSERT INTO analytics_writers SELECT writer, toUInt64(${FENCED_EPOCH}) FROM (${writers}) SETTINGS async_insert = 0`,
        query_params: { name },
      })
      for (const prefix of queryPrefixes) await killInserts(this.#client, this.#statements, prefix)
    } catch (error) {
      throw toStoreFailure(error)
    }
  }
}

function queryIdPrefix(writer: string): string {
  return `insert:${writer}:`
}

/** Those that began before the newest epoch did are known to the server by now; a later one finds itself too old. */
async function killInserts(
  client: ClickHouseClient,
  { kill, pendingInserts }: FenceStatements,
  prefix: string,
): Promise<void> {
  const query_params = { prefix }
  await client.command({ query: kill, query_params })
  for (const query of pendingInserts)
    if ((await queryRows<object>(client, query, query_params)).length > 0)
      throw new StoreFailure('unavailable', 'An earlier insert cannot be ended.')
}

async function queryRows<Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): Promise<Row[]> {
  const response = await client.query({ query, query_params, format: 'JSONEachRow' })
  return parseRows<Row>(await response.text())
}
