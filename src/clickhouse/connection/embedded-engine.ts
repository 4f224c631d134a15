/**
 * The ClickHouse engine in this process. It is imported only when no server is configured, since its library is an optional dependency of 540 MB.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { messageOf, StartFailure } from '../../base/errors.ts'
import type { DerivedFileName, DerivedFile } from './store-connection.ts'

export interface EmbeddedEngine {
  /** A connection object for `createClient({ connection })`, which runs one statement at a time. */
  createConnection(): unknown
  /** Resolves when the engine runs no statement any more, including those that timed out or were aborted. */
  drain(): Promise<void>
  /** Releases the directory; its connections must be closed before. */
  close(): void
  /** Writes a file that the engine can read and returns its path. The next call overwrites it. */
  writeInsertFile(bytes: Uint8Array): string
  /** A file for the output of a query, which must not exist when the query starts. */
  readonly outputFile: string
  /** Reads the output file in chunks of this number of bytes. */
  readOutputFile(chunkBytes: number): Iterable<Uint8Array>
  removeOutputFile(): void
  derivedFile(name: DerivedFileName): DerivedFile
}

/** Merges run at a lower priority than queries and inserts. The first connection of a process configures the engine. */
const ENGINE_ARGUMENTS = ['--os_threads_nice_value_merge_mutate=10']

export async function openEmbeddedEngine(path: string): Promise<EmbeddedEngine> {
  let chdb: typeof import('chdb')
  let connection: typeof import('chdb/connection')
  try {
    chdb = await import('chdb')
    connection = await import('chdb/connection')
  } catch (error) {
    throw new StartFailure(
      `The embedded ClickHouse engine (the optional package chdb) is not installed. Install it or set CLICKHOUSE_URL. (${messageOf(error)})`,
    )
  }
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const session = openDataDirectory(() => new chdb.Session(path, { connectionArgs: ENGINE_ARGUMENTS }), path)
  const insertFile = `${path}.insert`
  const outputFile = `${path}.output`
  // A process that was killed may have left one.
  rmSync(outputFile, { force: true })
  return {
    createConnection: () => openDataDirectory(() => connection.createChdbConnection({ path }), path),
    drain: () => chdb.drainPending(),
    close: () => session.close(),
    writeInsertFile(bytes) {
      // Synchronous, since all file threads of the runtime may be busy with statements.
      writeFileSync(insertFile, bytes, { mode: 0o600 })
      return insertFile
    },
    outputFile,
    readOutputFile: (chunkBytes) => readInChunks(outputFile, chunkBytes),
    removeOutputFile: () => rmSync(outputFile, { force: true }),
    derivedFile: (name) => derivedFileAt(`${path}.${name}`),
  }
}

/** Synchronous, as the writing of inserts is. Callers divide the work into chunks. */
function derivedFileAt(file: string): DerivedFile {
  return {
    open() {
      if (!existsSync(file)) return undefined
      const descriptor = openSync(file, 'r')
      return {
        fill(target) {
          if (readUpTo(descriptor, target) < target.length) throw new Error('The file ends too early.')
        },
        close: () => closeSync(descriptor),
      }
    },
    async replace(chunks) {
      const newFile = `${file}.new`
      const descriptor = openSync(newFile, 'w', 0o600)
      try {
        try {
          for await (const chunk of chunks)
            for (let start = 0; start < chunk.length;) start += writeSync(descriptor, chunk, start)
        } finally {
          closeSync(descriptor)
        }
        renameSync(newFile, file)
      } catch (error) {
        rmSync(newFile, { force: true })
        throw error
      }
    },
  }
}

/** The number of bytes read: fewer than the length of the target only at the end of the file. */
function readUpTo(descriptor: number, target: Uint8Array): number {
  let length = 0
  while (length < target.length) {
    const read = readSync(descriptor, target, length, target.length - length, null)
    if (read === 0) break
    length += read
  }
  return length
}

function* readInChunks(file: string, chunkBytes: number): Generator<Uint8Array> {
  const descriptor = openSync(file, 'r')
  try {
    const chunk = new Uint8Array(chunkBytes)
    for (;;) {
      const length = readUpTo(descriptor, chunk)
      if (length === 0) return
      yield chunk.subarray(0, length)
    }
  } finally {
    closeSync(descriptor)
  }
}

function openDataDirectory<Opened>(open: () => Opened, path: string): Opened {
  try {
    return open()
  } catch (error) {
    throw new StartFailure(
      `The data directory ${path} cannot be opened. Only one process can use it at a time. (${messageOf(error)})`,
    )
  }
}
