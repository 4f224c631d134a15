/**
 * The store over a ClickHouse server's HTTP interface.
 */
import { Readable } from 'node:stream'
import { createClient } from '@clickhouse/client'
import { StoreFailure } from '../errors.ts'
import type { QueryParameter } from '../analytics/query.ts'
import { inlineParameters } from './literals.ts'
import { connectionOf, INSERT_SETTINGS, MAX_QUERY_BYTES, type Store, type Transport } from './connect.ts'

export interface ServerOptions {
  readonly url: string
  readonly user: string
  readonly password: string
  readonly database: string
  readonly readerCount: number
}

/** How long a server may take to answer: longer than any limit inside the statements. */
const REQUEST_TIMEOUT_MS = 60_000
/**
 * A server refuses a parameter over 128 KiB, in the address or in a form (`http_max_field_value_size`), and no request can raise that. In UTF-8 and escaped, so
 * many characters stay below it.
 */
const MAX_BOUND_CHARACTERS = 20_000

const overHttp: Transport = {
  // The server binds the values itself, unless they are too long for that: then they are literals, as on the embedded engine.
  bind: (sql, parameters = {}) =>
    Object.values(parameters).every((value) => charactersOf(value) <= MAX_BOUND_CHARACTERS)
      ? { query: sql, query_params: parameters }
      : { query: inlineParameters(sql, parameters) },
  async insert(client, into, block) {
    const { stream } = await client.exec({
      query: `${into} ${INSERT_SETTINGS} FORMAT Native`,
      values: Readable.from([block]),
    })
    // A server that fails late says so in the body of an answer that began as a success.
    for await (const said of stream)
      if (String(said).trim() !== '') throw new StoreFailure('unavailable', 'The server answered an insert with words.')
  },
}

function charactersOf(value: QueryParameter): number {
  if (typeof value !== 'object') return String(value).length
  let count = 0
  // Each with its quotes and its comma.
  for (const item of value) count += String(item).length + 3
  return count
}

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
  const readers = connectionOf(reader, overHttp)
  const writing = connectionOf(writer, overHttp)
  return {
    admin: connectionOf(admin, overHttp),
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
