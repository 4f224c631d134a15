/**
 * The store behind one small port. `server-store.ts` reaches it by HTTP, `embedded-store.ts` in this process, `web-store.ts` by fetch and for reading only; everything
 * else in this folder is the same for all of them.
 */
import { toStoreFailure } from './to-store-failure.ts'
import { parseRowsInSlices } from './json-rows.ts'
import type { QueryParameters } from './sql-literals.ts'
import { SINGLE_SERVER, type TableTopology } from '../schema/table-topology.ts'

/** One line to the engine. Every call rejects with a StoreFailure. */
export interface StoreConnection {
  /** How the tables lie behind it. */
  readonly topology: TableTopology
  query<Row>(sql: string, parameters?: QueryParameters): Promise<Row[]>
  /** A statement without an answer. */
  command(sql: string, parameters?: QueryParameters): Promise<void>
}

/** The one who stores events, under a name. Every call rejects with a StoreFailure. */
export interface EventWriter extends StoreConnection {
  /** Inserts one block in the Native format. */
  insert(target: InsertTarget, block: Uint8Array): Promise<void>
  /** Resolves when no earlier insert under this name, of this process or one before it, can take effect any more. `fenced` when the name was closed off. */
  fence(): Promise<void>
}

/** Ends what others may have begun to write. Every call rejects with a StoreFailure. */
export interface WriterFences {
  /** Resolves when no insert under that name can take effect any more, ever. */
  fenceWriter(name: string): Promise<void>
  /** The same for that name and for all that begin with it and a dot. */
  fenceWriterGroup(group: string): Promise<void>
}

/** Where a block goes: a table and the columns that the block holds, in its order. */
export interface InsertTarget {
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** What reads of the store, and keeps what was asked. */
export interface ReadStore {
  /** For short questions that must not wait behind dashboards. */
  readonly lookups: StoreConnection
  /** For what is written beside the events: it waits for nothing of the others, and they not for it. */
  readonly auditConnection: StoreConnection
  /** As many queries as there are readers run at once. */
  readonly readers: readonly StoreConnection[]
  /** The setting that tells the readers' row policy whose rows to show; undefined where there is no such wall. See wall.ts. */
  readonly tenantSetting: string | undefined
  ping(): Promise<void>
}

export interface Store extends ReadStore {
  /** The engine before any database is chosen: for migrations. */
  readonly admin: StoreConnection
  /** For what takes long and nobody waits for. */
  readonly maintenance: StoreConnection
  readonly writer: StoreConnection
  /** Undefined where this process alone can write. */
  readonly fences: WriterFences | undefined
  /** Who stores events under that name; the store's own by default. */
  openWriter(name?: string): EventWriter
  close(): Promise<void>
}

/** The ids of a whole batch stand in one statement. */
export const MAX_QUERY_BYTES = 16 * 1_048_576

/**
 * Every setting an insert relies on, in its text: the defaults moved between versions (asynchronous inserts are on since 26.2), and in the embedded engine a
 * setting given beside a statement stays on the connection. One block becomes one part: all of it is stored or nothing.
 */
export const INSERT_SETTINGS =
  'SETTINGS async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, ' +
  'min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000'

/** The columns' names, as a list in SQL. */
export function columnListSql({ columns }: InsertTarget): string {
  return columns.map(({ name }) => name).join(', ')
}

interface BoundStatement {
  readonly query: string
  readonly query_params?: Record<string, unknown>
}

/** Puts a statement and its values together. */
export type BindStatement = (sql: string, parameters: QueryParameters | undefined) => BoundStatement

/** What the client has in all its forms. */
interface StatementClient {
  query(request: BoundStatement & { format: 'JSONEachRow' }): Promise<{ text(): Promise<string> }>
  command(statement: BoundStatement): Promise<unknown>
}

export function createStoreConnection(
  client: StatementClient,
  bind: BindStatement,
  topology: TableTopology = SINGLE_SERVER,
): StoreConnection {
  return {
    topology,
    async query<Row>(sql: string, parameters?: QueryParameters) {
      try {
        const result = await client.query({ ...bind(sql, parameters), format: 'JSONEachRow' })
        return await parseRowsInSlices<Row>(await result.text())
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
