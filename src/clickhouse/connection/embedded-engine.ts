/**
 * The ClickHouse engine inside this process. Imported only when no server is configured: its library is an optional dependency of 540 MB.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { messageOf, StartFailure } from '../../base/errors.ts'

export interface EmbeddedEngine {
  /** A connection object for `createClient({ connection })`. Each runs one statement at a time. */
  createConnection(): unknown
  /** Resolves when nothing runs in the engine any more, timed-out and aborted calls included. */
  drain(): Promise<void>
  /** Lets go of the directory, once its connections are closed. */
  close(): void
  /** Puts bytes where the engine can read them as a file; the path. The next call writes over them. */
  writeInsertFile(bytes: Uint8Array): string
}

/** Merges, which nobody waits for, give way to questions and inserts. The engine is configured by the first connection that a process makes. */
const ENGINE_ARGUMENTS = ['--os_threads_nice_value_merge_mutate=10']

export async function openEmbeddedEngine(path: string): Promise<EmbeddedEngine> {
  let chdb: typeof import('chdb')
  let connection: typeof import('chdb/connection')
  try {
    chdb = await import('chdb')
    connection = await import('chdb/connection')
  } catch (error) {
    throw new StartFailure(
      `The embedded ClickHouse engine (the optional package chdb) is not installed here: install it, or set CLICKHOUSE_URL. (${messageOf(error)})`,
    )
  }
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const session = openDataDirectory(() => new chdb.Session(path, { connectionArgs: ENGINE_ARGUMENTS }), path)
  const insertFile = `${path}.insert`
  return {
    createConnection: () => openDataDirectory(() => connection.createChdbConnection({ path }), path),
    drain: () => chdb.drainPending(),
    close: () => session.close(),
    writeInsertFile(bytes) {
      // Synchronous: the runtime's file threads may all be busy with statements.
      writeFileSync(insertFile, bytes, { mode: 0o600 })
      return insertFile
    },
  }
}

function openDataDirectory<Opened>(open: () => Opened, path: string): Opened {
  try {
    return open()
  } catch (error) {
    throw new StartFailure(
      `The data directory ${path} cannot be opened; another process may be using it (one process at a time can). (${messageOf(error)})`,
    )
  }
}
