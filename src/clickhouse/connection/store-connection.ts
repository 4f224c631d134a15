/**
 * The port to ClickHouse. Its implementations: `server-store.ts` over HTTP, `embedded-store.ts` in this process, `web-store.ts` by fetch and for reading only.
 */
import { parseRowsInSlices } from './json-rows.ts'
import { nameOf } from './named-statement.ts'
import type { QueryParameters } from './sql-literals.ts'
import { SINGLE_SERVER, type TableTopology } from './table-topology.ts'
import { toStoreFailure } from './to-store-failure.ts'

/** A connection to the engine. Every call rejects with a StoreFailure; its message begins with the name of the statement (named-statement.ts). */
export interface StoreConnection {
  /** How the tables are distributed. */
  readonly topology: TableTopology
  /** When the signal is aborted, the engine ends the query, which rejects. */
  query<Row>(sql: string, parameters?: QueryParameters, signal?: AbortSignal): Promise<Row[]>
  /** Runs a statement that returns no rows. */
  command(sql: string, parameters?: QueryParameters): Promise<void>
}

/** A named writer of events. Every call rejects with a StoreFailure. */
export interface EventWriter extends StoreConnection {
  /** Inserts one block in the Native format. */
  insert(target: InsertTarget, block: Uint8Array): Promise<void>
  /**
   * Runs a query of one column whose values have `width` bytes, and returns all its values in RowBinary, in chunks of whole values. It neither waits for other statements
   * nor delays them. Every chunk that it returns is valid, but the values are complete only when it ends without a failure.
   */
  readFixedWidth(sql: string, parameters: QueryParameters, width: number): AsyncIterable<Uint8Array>
  /** Undefined where the engine does not belong to this process alone. */
  readonly derivedFile?: ((name: DerivedFileName) => DerivedFile) | undefined
  /** Resolves when no earlier insert of this writer name, by this or an earlier process, can take effect. Rejects with `fenced` when the name was fenced by another process. */
  fence(): Promise<void>
}

/** What is derived: the filter of stored ids, or that of messages. */
export type DerivedFileName = 'ids' | 'messages'

/** A file beside the data of the store, for what can be derived from the store again. Every call may throw, and a kill at any time leaves a complete file or none. */
export interface DerivedFile {
  /** Undefined when there is no file. */
  open(): DerivedFileReader | undefined
  /** Replaces the file. It has the new content once all chunks were written; until then, and after a failure, it stays as it was. */
  replace(chunks: AsyncIterable<Uint8Array>): Promise<void>
}

/** Reads from the beginning. */
export interface DerivedFileReader {
  /** Fills the target with the next bytes. Throws when the file has fewer. */
  fill(target: Uint8Array): void
  close(): void
}

/** Fences other writers. Every call rejects with a StoreFailure. */
export interface WriterFences {
  /** Resolves when no insert of that writer name can ever take effect again. */
  fenceWriter(name: string): Promise<void>
  /** Fences the writer of that name and all writers whose name begins with it and a dot. */
  fenceWriterGroup(group: string): Promise<void>
}

/** The table of an insert and the columns of its block, in the order of the block. */
export interface InsertTarget {
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** The connections for reading and for the request audit. */
export interface ReadStore {
  /** For short queries that must not wait for dashboard queries. */
  readonly lookups: StoreConnection
  /** For the request audit, whose inserts neither wait for other statements nor delay them. */
  readonly auditConnection: StoreConnection
  /** For dashboards: one query at a time per reader. */
  readonly readers: readonly StoreConnection[]
  /** The setting that names the tenant for the row policies of the readers; undefined without row policies. See tenant-setting.ts. */
  readonly tenantSetting: string | undefined
  ping(): Promise<void>
}

export interface Store extends ReadStore {
  /** For migrations; has no default database. */
  readonly admin: StoreConnection
  /** For long-running statements in the background. */
  readonly maintenance: StoreConnection
  readonly writer: StoreConnection
  /** Undefined where no other process can write. */
  readonly fences: WriterFences | undefined
  /** A writer of that name; by default the name that the store was opened with. */
  openWriter(name?: string): EventWriter
  close(): Promise<void>
}

/** Large enough for a statement with the ids of a whole batch. */
export const MAX_QUERY_BYTES = 16 * 1_048_576

/**
 * The settings clause of a block insert. It sets everything that an insert relies on, since defaults change between versions (asynchronous inserts are on since 26.2). One
 * block becomes one part, so that it is stored completely or not at all.
 */
export function insertSettingsSql({ table }: InsertTarget): string {
  return (
    `SETTINGS log_comment = 'insert_${table}', async_insert = 0, insert_deduplicate = 0, max_insert_threads = 1, max_insert_block_size = 1000000, ` +
    'min_insert_block_size_rows = 1000000, min_insert_block_size_bytes = 1000000000'
  )
}

/** The names of the columns as an SQL list. */
export function columnListSql({ columns }: InsertTarget): string {
  return columns.map(({ name }) => name).join(', ')
}

interface BoundStatement {
  readonly query: string
  readonly query_params?: Record<string, unknown>
}

/** Combines a statement with its parameters. */
export type BindStatement = (sql: string, parameters: QueryParameters | undefined) => BoundStatement

interface Cancellation {
  readonly abort_signal?: AbortSignal
  readonly clickhouse_settings?: { readonly cancel_http_readonly_queries_on_client_close: 1; readonly readonly: string }
}

/** The server ends a query whose connection was closed only with these settings, which have to be known before it reads the statement. */
const CANCELLABLE = { cancel_http_readonly_queries_on_client_close: 1, readonly: '2' } as const

/** The methods that all variants of the ClickHouse client have. */
interface StatementClient {
  query(request: BoundStatement & { format: 'JSONEachRow' } & Cancellation): Promise<{ text(): Promise<string> }>
  command(statement: BoundStatement): Promise<unknown>
}

export function createStoreConnection(
  client: StatementClient,
  bind: BindStatement,
  topology: TableTopology = SINGLE_SERVER,
): StoreConnection {
  return {
    topology,
    async query<Row>(sql: string, parameters?: QueryParameters, signal?: AbortSignal) {
      try {
        const cancellation = signal && { abort_signal: signal, clickhouse_settings: CANCELLABLE }
        const result = await client.query({ ...bind(sql, parameters), format: 'JSONEachRow', ...cancellation })
        return await parseRowsInSlices<Row>(await result.text())
      } catch (error) {
        throw toStoreFailure(error, nameOf(sql))
      }
    },
    async command(sql, parameters) {
      try {
        await client.command(bind(sql, parameters))
      } catch (error) {
        throw toStoreFailure(error, nameOf(sql))
      }
    },
  }
}
