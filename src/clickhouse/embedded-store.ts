/**
 * The store over the engine in this process.
 */
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import {
  type Bind,
  columnList,
  connectionOf,
  INSERT_SETTINGS,
  MAX_QUERY_BYTES,
  type Store,
  type StoreConnection,
} from './connect.ts'
import { inlineParameters, type Parameters, quoteIdentifier, quoteText } from './literals.ts'
import { ONE_SERVER } from './topology.ts'

export interface EmbeddedOptions {
  /** The engine's own directory. One process at a time may have it open. */
  readonly path: string
  readonly database: string
  readonly readerCount: number
}

/** Opens the engine. Rejects with a StartFailure when its library is not installed or another process has the directory. */
export async function connectEmbedded({ path, database, readerCount }: EmbeddedOptions): Promise<Store> {
  const { openEmbedded } = await import('./embedded.ts')
  const { createConnection, drain, spool, close } = await openEmbedded(path)
  const open = (inDatabase: string | undefined) =>
    new EmbeddedConnection(
      () => createClient({ connection: createConnection(), log: { level: 127 } } as ClientOptions),
      inDatabase,
    )
  const admin = open(undefined)
  const maintenance = open(undefined)
  const writer = open(database)
  const lookups = open(database)
  const trail = open(database)
  const readers = Array.from({ length: readerCount }, () => open(database))
  // At once, so that a directory that cannot be opened is known at the start.
  await admin.query('SELECT 1')
  return {
    admin,
    maintenance,
    writer,
    lookups,
    trail,
    readers,
    tenantSetting: undefined,
    fences: undefined,
    async ping() {
      await admin.query('SELECT 1')
    },
    openWriter: () => ({
      topology: ONE_SERVER,
      query: (...asked) => writer.query(...asked),
      command: (...asked) => writer.command(...asked),
      async insert(target, block) {
        // The adapter decodes an insert's values as text, so that bytes need another way in: a file.
        const into = `INSERT INTO ${target.table} (${columnList(target)})`
        await writer.command(`${into} FROM INFILE ${quoteText(spool(block))} ${INSERT_SETTINGS} FORMAT Native`)
      },
      fence: drain,
    }),
    async close() {
      await drain()
      for (const connection of [admin, maintenance, writer, lookups, trail, ...readers]) await connection.close()
      close()
    },
  }
}

const bind: Bind = (sql, parameters) => ({ query: parameters ? inlineParameters(sql, parameters) : sql })

/** The client's types know nothing of the embedded engine's connection object. */
type ClientOptions = typeof createClient extends (options?: infer Options) => unknown ? Options : never

/**
 * One connection to the engine: one statement at a time, and made anew after every failure. The engine keeps the rows that a failed query had already made and
 * puts them at the head of the connection's next answer, which may be another tenant's.
 */
class EmbeddedConnection implements StoreConnection {
  readonly topology = ONE_SERVER
  readonly #makeClient: () => ClickHouseClient
  /** Chosen at the first statement, as the migrations may have to make it first. */
  readonly #database: string | undefined
  #opened: { client: ClickHouseClient; connection: StoreConnection } | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(makeClient: () => ClickHouseClient, database: string | undefined) {
    this.#makeClient = makeClient
    this.#database = database
  }

  query<Row>(sql: string, parameters?: Parameters): Promise<Row[]> {
    return this.#inTurn((connection) => connection.query<Row>(sql, parameters))
  }

  command(sql: string, parameters?: Parameters): Promise<void> {
    return this.#inTurn((connection) => connection.command(sql, parameters))
  }

  async close(): Promise<void> {
    await this.#last
    await this.#opened?.client.close()
  }

  #inTurn<Result>(task: (connection: StoreConnection) => Promise<Result>): Promise<Result> {
    const turn = this.#last.then(() => this.#run(task))
    this.#last = turn.catch(() => {})
    return turn
  }

  async #run<Result>(task: (connection: StoreConnection) => Promise<Result>): Promise<Result> {
    try {
      this.#opened ??= await this.#open()
      return await task(this.#opened.connection)
    } catch (error) {
      const failed = this.#opened
      this.#opened = undefined
      await failed?.client.close().catch(() => {})
      throw error
    }
  }

  async #open() {
    const client = this.#makeClient()
    const connection = connectionOf(client, bind)
    await connection.command(`SET max_query_size = ${MAX_QUERY_BYTES}`)
    if (this.#database !== undefined) await connection.command(`USE ${quoteIdentifier(this.#database)}`)
    return { client, connection }
  }
}
