/**
 * Opens the store that the configuration names.
 */
import type { Store } from '../clickhouse/connection/store-connection.ts'
import { connectEmbeddedStore } from '../clickhouse/connection/embedded-store.ts'
import { connectServerStore } from '../clickhouse/connection/server/server-store.ts'
import type { Config } from '../config.ts'

/** More readers than this only compete for the processors. */
const MAX_EMBEDDED_READERS = 4
const SERVER_READERS = 8

export interface OpenStoreOptions {
  /** The data folder of the embedded engine. */
  readonly enginePath: string
  /** The name of the writer: earlier inserts under this name can be fenced. */
  readonly writer: string
  /** The number of readers; by default as many as suit the dashboards. */
  readonly readerCount?: number
}

/** Opens the store; a server is not connected yet. Rejects with a StartFailure when the embedded engine cannot be opened. */
export async function openStore(config: Config, { enginePath, writer, readerCount }: OpenStoreOptions): Promise<Store> {
  const { clickhouseUrl: url, clickhouseDatabase: database } = config
  if (url === undefined)
    return connectEmbeddedStore({ path: enginePath, database, readerCount: readerCount ?? embeddedReaderCount(config) })
  return connectServerStore({
    url,
    user: config.clickhouseUser,
    password: config.clickhousePassword,
    database,
    cluster: config.clickhouseCluster,
    readerCount: readerCount ?? SERVER_READERS,
    writer,
    reader: config.clickhouseReader,
  })
}

/** One native thread always stays free for the writer, so that slow dashboards cannot stop ingestion. */
function embeddedReaderCount({ nativeThreads }: Config): number {
  return Math.max(1, Math.min(MAX_EMBEDDED_READERS, nativeThreads - 1))
}
