/**
 * The store over the engine in this process.
 */
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import {
  type BindStatement,
  columnListSql,
  createStoreConnection,
  INSERT_SETTINGS,
  MAX_QUERY_BYTES,
  type Store,
  type StoreConnection,
} from './store-connection.ts'
import { inlineParameters, type QueryParameters, quoteIdentifier, quoteText } from './sql-literals.ts'
import { SINGLE_SERVER } from '../schema/table-topology.ts'

export interface EmbeddedStoreOptions {
  /** The engine's own directory. One process at a time may have it open. */
  readonly path: string
  readonly database: string
  readonly readerCount: number
}

/** Opens the engine. Rejects with a StartFailure when its library is not installed or another process has the directory. */
export async function connectEmbeddedStore({ path, database, readerCount }: EmbeddedStoreOptions): Promise<Store> {
  const { openEmbeddedEngine } = await import('./embedded-engine.ts')
  const { createConnection, drain, writeInsertFile, close } = await openEmbeddedEngine(path)
  const open = (defaultDatabase: string | undefined) =>
    new EmbeddedConnection(
      () => createClient({ connection: createConnection(), log: { level: 127 } } as ClientOptions),
      defaultDatabase,
    )
  const admin = open(undefined)
  const maintenance = open(undefined)
  const writer = open(database)
  const lookups = open(database)
  const auditConnection = open(database)
  const readers = Array.from({ length: readerCount }, () => open(database))
  // At once, so that a directory that cannot be opened is known at the start.
  await admin.query('SELECT 1')
  return {
    admin,
    maintenance,
    writer,
    lookups,
    auditConnection,
    readers,
    tenantSetting: undefined,
    fences: undefined,
    async ping() {
      await admin.query('SELECT 1')
    },
    openWriter: () => ({
      topology: SINGLE_SERVER,
      query: (...statement) => writer.query(...statement),
      command: (...statement) => writer.command(...statement),
      async insert(target, block) {
        // The adapter decodes an insert's values as text, so that bytes need another way in: a file.
        const insertSql = `INSERT INTO ${target.table} (${columnListSql(target)})`
        await writer.command(
          `${insertSql} FROM INFILE ${quoteText(writeInsertFile(block))} ${INSERT_SETTINGS} FORMAT Native`,
        )
      },
      fence: drain,
    }),
    async close() {
      await drain()
      for (const connection of [admin, maintenance, writer, lookups, auditConnection, ...readers])
        await connection.close()
      close()
    },
  }
}

const bind: BindStatement = (sql, parameters) => ({ query: parameters ? inlineParameters(sql, parameters) : sql })

/** The client's types know nothing of the embedded engine's connection object. */
type ClientOptions = typeof createClient extends (options?: infer Options) => unknown ? Options : never

/**
 * One connection to the engine: one statement at a time, and made anew after every failure. The engine keeps the rows that a failed query had already made and
 * puts them at the head of the connection's next answer, which may be another tenant's.
 */
class EmbeddedConnection implements StoreConnection {
  readonly topology = SINGLE_SERVER
  readonly #makeClient: () => ClickHouseClient
  /** Chosen at the first statement, as the migrations may have to make it first. */
  readonly #database: string | undefined
  #opened: { client: ClickHouseClient; connection: StoreConnection } | undefined
  #lastTask: Promise<unknown> = Promise.resolve()

  constructor(makeClient: () => ClickHouseClient, database: string | undefined) {
    this.#makeClient = makeClient
    this.#database = database
  }

  query<Row>(sql: string, parameters?: QueryParameters): Promise<Row[]> {
    return this.#enqueue((connection) => connection.query<Row>(sql, parameters))
  }

  command(sql: string, parameters?: QueryParameters): Promise<void> {
    return this.#enqueue((connection) => connection.command(sql, parameters))
  }

  async close(): Promise<void> {
    await this.#lastTask
    await this.#opened?.client.close()
  }

  #enqueue<Result>(task: (connection: StoreConnection) => Promise<Result>): Promise<Result> {
    const result = this.#lastTask.then(() => this.#run(task))
    this.#lastTask = result.catch(() => {})
    return result
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
    const connection = createStoreConnection(client, bind)
    await connection.command(`SET max_query_size = ${MAX_QUERY_BYTES}`)
    if (this.#database !== undefined) await connection.command(`USE ${quoteIdentifier(this.#database)}`)
    return { client, connection }
  }
}
