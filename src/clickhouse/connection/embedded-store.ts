/**
 * The store over the engine in this process.
 */
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { TaskQueue } from '../../base/task-queue.ts'
import {
  type BindStatement,
  columnListSql,
  createStoreConnection,
  insertSettingsSql,
  MAX_QUERY_BYTES,
  type Store,
  type StoreConnection,
} from './store-connection.ts'
import { inlineParameters, type QueryParameters, quoteIdentifier, quoteText } from './sql-literals.ts'
import type { EmbeddedEngine } from './embedded-engine.ts'
import { named } from './named-statement.ts'
import { SINGLE_SERVER } from './table-topology.ts'

export interface EmbeddedStoreOptions {
  /** The data directory of the engine. Only one process at a time can open it. */
  readonly path: string
  readonly database: string
  readonly readerCount: number
}

/** Opens the engine. Rejects with a StartFailure when its library is not installed or another process has opened the directory. */
export async function connectEmbeddedStore({ path, database, readerCount }: EmbeddedStoreOptions): Promise<Store> {
  const { openEmbeddedEngine } = await import('./embedded-engine.ts')
  const engine = await openEmbeddedEngine(path)
  const { createConnection, drain, writeInsertFile, close } = engine
  const open = (defaultDatabase: string | undefined, killer?: StoreConnection) =>
    new EmbeddedConnection(
      () => createClient({ connection: createConnection(), log: { level: 127 } } as ClientOptions),
      defaultDatabase,
      killer,
    )
  const admin = open(undefined)
  const maintenance = open(undefined)
  const writer = open(database)
  const bulkReader = open(database)
  const lookups = open(database)
  const auditConnection = open(database)
  const readers = Array.from({ length: readerCount }, () => open(database, lookups))
  const inserts = new TaskQueue()
  let lastBulkRead: Promise<void> = Promise.resolve()
  // An unusable directory is detected at start.
  await admin.query(PING)
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
      await admin.query(PING)
    },
    openWriter: () => ({
      topology: SINGLE_SERVER,
      query: (...statement) => writer.query(...statement),
      command: (...statement) => writer.command(...statement),
      async insert(target, block) {
        // The client's adapter decodes the values of an insert as text, so binary data has to come from a file. There is one such file.
        const insertSql = `INSERT INTO ${target.table} (${columnListSql(target)})`
        await inserts.run(() =>
          writer.command(
            `${insertSql} FROM INFILE ${quoteText(writeInsertFile(block))} ${insertSettingsSql(target)} FORMAT Native`,
          ),
        )
      },
      async *readFixedWidth(sql, parameters, width) {
        // There is one output file: one query after the other.
        const previous = lastBulkRead
        const { promise, resolve } = Promise.withResolvers<void>()
        lastBulkRead = promise
        await previous
        try {
          yield* readThroughFile(engine, bulkReader, sql, parameters, width)
        } finally {
          resolve()
        }
      },
      derivedFile: engine.derivedFile,
      fence: drain,
    }),
    async close() {
      await drain()
      for (const connection of [admin, maintenance, writer, bulkReader, lookups, auditConnection, ...readers])
        await connection.close()
      close()
    },
  }
}

const BULK_CHUNK_VALUES = 65_536

/** The client's adapter returns text only, so binary data has to take a file. There is one such file: the caller runs one query at a time. */
async function* readThroughFile(
  { outputFile, readOutputFile, removeOutputFile }: EmbeddedEngine,
  connection: StoreConnection,
  sql: string,
  parameters: QueryParameters,
  width: number,
): AsyncGenerator<Uint8Array> {
  removeOutputFile()
  try {
    await connection.command(`${sql} INTO OUTFILE ${quoteText(outputFile)} FORMAT RowBinary`, parameters)
    yield* readOutputFile(BULK_CHUNK_VALUES * width)
  } finally {
    removeOutputFile()
  }
}

const PING = named('ping', 'SELECT 1')

const bind: BindStatement = (sql, parameters) => ({ query: parameters ? inlineParameters(sql, parameters) : sql })

/** The types of the client do not include the connection object of the embedded engine. */
type ClientOptions = typeof createClient extends (options?: infer Options) => unknown ? Options : never

/** Of this process: they are told apart by their marks, which are comments in their text. */
let markedQueries = 0
// The statement itself does not contain the mark in this form.
const KILL_MARKED = named(
  'kill_query',
  "KILL QUERY WHERE position(query, concat('/* ', {mark:String}, ' */')) > 0 ASYNC",
)

/**
 * One connection to the engine, for one statement at a time. It is replaced after every failure: the engine keeps the rows that a failed query has already produced and
 * returns them at the beginning of the next result on the connection, which may belong to another tenant.
 */
class EmbeddedConnection implements StoreConnection {
  readonly topology = SINGLE_SERVER
  readonly #makeClient: () => ClickHouseClient
  /** Selected at the first statement, since migrations may have to create it first. */
  readonly #database: string | undefined
  #opened: { client: ClickHouseClient; connection: StoreConnection } | undefined
  /** Ends queries of this connection that are aborted; undefined where they run to their end. */
  readonly #killer: StoreConnection | undefined
  #lastTask: Promise<unknown> = Promise.resolve()

  constructor(makeClient: () => ClickHouseClient, database: string | undefined, killer: StoreConnection | undefined) {
    this.#makeClient = makeClient
    this.#database = database
    this.#killer = killer
  }

  query<Row>(sql: string, parameters?: QueryParameters, signal?: AbortSignal): Promise<Row[]> {
    const killer = this.#killer
    if (signal === undefined || killer === undefined)
      return this.#enqueue((connection) => connection.query<Row>(sql, parameters))
    return this.#enqueue(async (connection) => {
      signal.throwIfAborted()
      // The signal is not given to the client: it would reject while the engine goes on, and the connection can run one statement at a time.
      const mark = `query ${++markedQueries}`
      const kill = () => void killer.query(KILL_MARKED, { mark }).catch(() => {})
      signal.addEventListener('abort', kill, { once: true })
      try {
        return await connection.query<Row>(`${sql} /* ${mark} */`, parameters)
      } finally {
        signal.removeEventListener('abort', kill)
      }
    })
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
