/**
 * Opens the store that the configuration names.
 */
import type { Store } from '../clickhouse/connection/store-connection.ts'
import { connectEmbeddedStore } from '../clickhouse/connection/embedded-store.ts'
import { connectServerStore } from '../clickhouse/connection/server-store.ts'
import type { Config } from '../config.ts'

/** More readers than this only take the processors from each other. */
const MAX_EMBEDDED_READERS = 4
const SERVER_READERS = 8

export interface OpenStoreOptions {
  /** Where the embedded engine keeps its data. */
  readonly enginePath: string
  /** Who writes: inserts of an earlier process of that name can be fenced off. */
  readonly writer: string
  /** As many as serve the dashboards well, when not given. */
  readonly readerCount?: number
}

/** A server is not asked yet. Rejects with a StartFailure when the embedded engine cannot be opened. */
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

/** One native thread always stays free for the writer: slow dashboards can then never stop ingestion. */
function embeddedReaderCount({ nativeThreads }: Config): number {
  return Math.max(1, Math.min(MAX_EMBEDDED_READERS, nativeThreads - 1))
}
