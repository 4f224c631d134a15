/**
 * The store behind one small port. `server-store.ts` reaches it by HTTP, `embedded-store.ts` in this process; everything else in this folder is the same for both.
 */
import type { ClickHouseClient } from '@clickhouse/client'
import { toStoreFailure } from './errors.ts'
import { rowsOf } from './rows.ts'
import type { Parameters } from './literals.ts'
import type { Topology } from './topology.ts'

/** One line to the engine. Every call rejects with a StoreFailure. */
export interface StoreConnection {
  /** How the tables lie behind it. */
  readonly topology: Topology
  query<Row>(sql: string, parameters?: Parameters): Promise<Row[]>
  /** A statement without an answer. */
  command(sql: string, parameters?: Parameters): Promise<void>
  /** Inserts one block in the Native format. */
  insert(target: InsertTarget, block: Uint8Array): Promise<void>
}

/** Where a block goes: a table and the columns that the block holds, in its order. */
export interface InsertTarget {
  readonly table: string
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

export interface Store {
  /** The engine before any database is chosen: for migrations. */
  readonly admin: StoreConnection
  /** For what takes long and nobody waits for. */
  readonly maintenance: StoreConnection
  readonly writer: StoreConnection
  /** For short questions that must not wait behind dashboards. */
  readonly lookups: StoreConnection
  /** For what is written beside the events: it waits for nothing of the others, and they not for it. */
  readonly trail: StoreConnection
  /** As many queries as there are readers run at once. */
  readonly readers: readonly StoreConnection[]
  /** The setting that tells the readers' row policy whose rows to show; undefined where there is no such wall. See wall.ts. */
  readonly tenantSetting: string | undefined
  ping(): Promise<void>
  /** Resolves when no earlier write, of this process or one before it, can take effect any more. */
  fence(): Promise<void>
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
export function columnList({ columns }: InsertTarget): string {
  return columns.map(({ name }) => name).join(', ')
}

/** How statements reach one kind of engine. */
export interface Transport {
  readonly topology: Topology
  /** A statement with its values. */
  bind(sql: string, parameters: Parameters | undefined): { query: string; query_params?: Record<string, unknown> }
  insert(client: ClickHouseClient, target: InsertTarget, block: Uint8Array): Promise<void>
}

export function connectionOf(client: ClickHouseClient, { topology, bind, insert }: Transport): StoreConnection {
  return {
    topology,
    async insert(target, block) {
      try {
        await insert(client, target, block)
      } catch (error) {
        throw toStoreFailure(error)
      }
    },
    async query<Row>(sql: string, parameters?: Parameters) {
      try {
        const result = await client.query({ ...bind(sql, parameters), format: 'JSONEachRow' })
        return rowsOf<Row>(await result.text())
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
