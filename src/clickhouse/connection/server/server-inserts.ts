/**
 * Inserts over HTTP with a definite outcome. An insert without a response, or of a process that died, may still reach a server that stalls. Each insert therefore carries
 * the epoch that it belongs to and stores nothing once a later epoch has begun. A fence begins a new epoch and kills running inserts; inserts that arrive later are
 * rejected.
 */
import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import { StoreFailure } from '../../../base/errors.ts'
import { parseRows } from '../json-rows.ts'
import { named } from '../named-statement.ts'
import { quoteText } from '../sql-literals.ts'
import { columnListSql, insertSettingsSql, type InsertTarget, type WriterFences } from '../store-connection.ts'
import type { FenceStatements } from '../table-topology.ts'
import { toStoreFailure } from '../to-store-failure.ts'

const LATEST_EPOCH = 'SELECT max(epoch) FROM analytics_writers WHERE writer = '
/** The epoch of a fenced writer: the largest possible one. */
const FENCED_EPOCH = '18446744073709551615'
const BEGIN_EPOCH = named(
  'begin_epoch',
  `INSERT INTO analytics_writers
  SELECT {writer:String}, if(max(epoch) = ${FENCED_EPOCH}, max(epoch), greatest(max(epoch) + 1, toUInt64(toUnixTimestamp64Milli(now64(3)))))
  FROM analytics_writers WHERE writer = {writer:String}`,
  'async_insert = 0',
)
const READ_EPOCH = named('read_epoch', `SELECT toString((${LATEST_EPOCH} {writer:String})) AS epoch`)

export class ServerInserts {
  readonly #client: ClickHouseClient
  readonly #writer: string
  readonly #statements: FenceStatements
  #epoch: string | undefined

  /** Only one process at a time may use a writer name; its successor uses the same name. */
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
      // A server reports an error after the response headers in the body.
      for await (const chunk of stream)
        if (String(chunk).trim() !== '') throw new StoreFailure('unavailable', 'Unexpected insert response body.')
    } catch (error) {
      throw toStoreFailure(error, `insert_${target.table}`)
    }
  }

  /** Begins a new epoch. Resolves when no insert of an earlier epoch, by this or another process, can take effect any more. */
  async fence(): Promise<void> {
    this.#epoch = undefined
    try {
      const query_params = { writer: this.#writer }
      await this.#client.command({ query: BEGIN_EPOCH, query_params })
      const [row] = await queryRows<{ epoch: string }>(this.#client, READ_EPOCH, query_params)
      if (row!.epoch === FENCED_EPOCH) throw new StoreFailure('fenced', 'This writer was fenced by another process.')
      await killInserts(this.#client, this.#statements, this.#queryPrefix)
      this.#epoch = row!.epoch
    } catch (error) {
      throw toStoreFailure(error, 'fence')
    }
  }

  get #queryPrefix(): string {
    return queryIdPrefix(this.#writer)
  }

  /** The server reads the latest epoch when it starts the statement, after it has added it to its list of processes. */
  #statement(target: InsertTarget, epoch: string): string {
    const columns = columnListSql(target)
    const structure = target.columns.map(({ name, type }) => `${name} ${type}`).join(', ')
    return (
      `INSERT INTO ${target.table} (${columns}) SELECT ${columns} FROM input(${quoteText(structure)}) ` +
      `WHERE throwIf((${LATEST_EPOCH}${quoteText(this.#writer)}) > ${epoch}) = 0 ${insertSettingsSql(target)} FORMAT Native`
    )
  }
}

/** Fences writers permanently, by the largest possible epoch. */
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
        query: named(
          'fence_writers',
          `INSERT INTO analytics_writers SELECT writer, toUInt64(${FENCED_EPOCH}) FROM (${writers})`,
          'async_insert = 0',
        ),
        query_params: { name },
      })
      for (const prefix of queryPrefixes) await killInserts(this.#client, this.#statements, prefix)
    } catch (error) {
      throw toStoreFailure(error, 'fence_writers')
    }
  }
}

function queryIdPrefix(writer: string): string {
  return `insert:${writer}:`
}

/** Inserts that began before the latest epoch are in the server's list of processes; later ones are rejected by their epoch. */
async function killInserts(
  client: ClickHouseClient,
  { kill, pendingInserts }: FenceStatements,
  prefix: string,
): Promise<void> {
  const query_params = { prefix }
  await client.command({ query: kill, query_params })
  for (const query of pendingInserts)
    if ((await queryRows<object>(client, query, query_params)).length > 0)
      throw new StoreFailure('unavailable', 'An earlier insert could not be killed.')
}

async function queryRows<Row>(
  client: ClickHouseClient,
  query: string,
  query_params: Record<string, unknown>,
): Promise<Row[]> {
  const response = await client.query({ query, query_params, format: 'JSONEachRow' })
  return parseRows<Row>(await response.text())
}
