/**
 * The store's connections behind one small port: here against a server by HTTP; `embedded-store.ts` has the engine in this process. Everything else in this
 * folder is the same for both.
 */
import { type ClickHouseClient, createClient } from '@clickhouse/client'
import { toStoreFailure } from './errors.ts'
import type { Parameters } from './literals.ts'

/** One line to the engine. Every call rejects with a StoreFailure. */
export interface StoreConnection {
  query<Row>(sql: string, parameters?: Parameters): Promise<Row[]>
  /** A statement without an answer; an insert's data may follow its FORMAT clause in the text. */
  command(sql: string, parameters?: Parameters): Promise<void>
}

export interface Store {
  /** The engine before any database is chosen: for migrations. */
  readonly admin: StoreConnection
  readonly writer: StoreConnection
  /** As many queries as there are readers run at once. */
  readonly readers: readonly StoreConnection[]
  ping(): Promise<void>
  /** Resolves when no earlier write can take effect any more. */
  fence(): Promise<void>
  close(): Promise<void>
}

export interface ServerOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly readerCount: number
}

/** How long a server may take to answer: longer than any limit inside the statements. */
const REQUEST_TIMEOUT_MS = 60_000
/** The ids of a whole batch stand in one statement. */
export const MAX_QUERY_BYTES = 16 * 1_048_576

/** The server binds the values itself. */
const bindParameters: Bind = (sql, query_params = {}) => ({ query: sql, query_params })

/** Opens no connection yet: the first statement does. */
export function connectServer(options: ServerOptions): Store {
  const client = (database: string | undefined, maxOpenConnections: number) =>
    createClient({
      url: options.url,
      username: options.user,
      password: options.password,
      ...(database === undefined ? {} : { database }),
      application: 'outreach-analytics',
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: maxOpenConnections,
      compression: { request: false, response: true },
      use_multipart_params_auto: true,
      keep_alive: { enabled: true, idle_socket_ttl: 2_000 },
      clickhouse_settings: { max_query_size: String(MAX_QUERY_BYTES) },
      log: { level: 127 },
    })
  const admin = client(undefined, 1)
  const writer = client(options.database, 2)
  const reader = client(options.database, options.readerCount)
  const readers = connectionOf(reader, bindParameters)
  const writing = connectionOf(writer, bindParameters)
  return {
    admin: connectionOf(admin, bindParameters),
    writer: writing,
    readers: Array.from({ length: options.readerCount }, () => readers),
    async ping() {
      await readers.query('SELECT 1')
    },
    async fence() {
      // Whatever insert of ours still runs is ended before anyone looks at what is stored.
      await writing.command(
        "KILL QUERY WHERE user = currentUser() AND query_kind = 'Insert' AND current_database = currentDatabase() SYNC",
      )
    },
    async close() {
      await Promise.all([admin.close(), writer.close(), reader.close()])
    },
  }
}

/** How a statement and its values reach the engine. */
export type Bind = (
  sql: string,
  parameters: Parameters | undefined,
) => { query: string; query_params?: Record<string, unknown> }

export function connectionOf(client: ClickHouseClient, bind: Bind): StoreConnection {
  return {
    async query<Row>(sql: string, parameters?: Parameters) {
      try {
        const result = await client.query({ ...bind(sql, parameters), format: 'JSONEachRow' })
        return await result.json<Row>()
      } catch (error) {
        throw toStoreFailure(error)
      }
    },
    async command(sql, parameters) {
      try {
        await client.command(bind(sql, parameters))
      } catch (error) {
        throw toStoreFailure(error)
      }
    },
  }
}
