/**
 * The files of the local server: its configuration, the password, and where it is. Only their owner may read them, since the password stands in them.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../host/data-directory/replace-file.ts'

export const LOCAL_HOST = '127.0.0.1'
export const LOCAL_USER = 'analytics'

const LOG_FILE = 'server.log'
/** Room for messages over 1 MiB: they then reach the dead letters instead of an error at the producer. */
const MAX_PAYLOAD_BYTES = 8 * 1_048_576
/** The server begins a new file at this size. */
const MAX_LOG_BYTES = 10 * 1_048_576
/** The part of the disk's free space that streams may take. */
const STREAM_STORAGE_SHARE = 0.75
/** Where the system does not tell how much is free. */
const DEFAULT_STREAM_STORAGE_BYTES = 10 * 1_073_741_824

/** Where the server is and how to get in. */
export interface LocalServerAddress {
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly user: string
  readonly password: string
}

export const storeDirectoryOf = (directory: string) => join(directory, 'jetstream')
export const logFileOf = (directory: string) => join(directory, LOG_FILE)
export const passwordFileOf = (directory: string) => join(directory, 'password')
const addressFileOf = (directory: string) => join(directory, 'address.json')
const configFileOf = (directory: string) => join(directory, 'server.conf')

/** The address that was written last; undefined when there is none, or none that can be used. */
export function readServerAddress(
  directory: string,
): (Partial<LocalServerAddress> & Pick<LocalServerAddress, 'port' | 'pid'>) | undefined {
  try {
    const address = JSON.parse(readFileSync(addressFileOf(directory), 'utf8')) as LocalServerAddress
    return Number.isSafeInteger(address.port) && Number.isSafeInteger(address.pid) ? address : undefined
  } catch {
    return undefined
  }
}

export function writeServerAddress(directory: string, address: LocalServerAddress): void {
  replaceFile(addressFileOf(directory), `${JSON.stringify(address)}\n`)
}

export function removeServerAddress(directory: string): void {
  rmSync(addressFileOf(directory), { force: true })
}

/** The password of the directory's server, which stays the same over restarts; made when there is none. */
export function readOrCreatePassword(directory: string): string {
  const file = passwordFileOf(directory)
  const stored = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (/^[\w-]{32,}$/.test(stored)) return stored
  const generated = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  replaceFile(file, `${generated}\n`)
  return generated
}

/** Writes the server's configuration; its path. */
export function writeServerConfiguration(directory: string, password: string): string {
  const file = configFileOf(directory)
  const lines = [
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `logfile_size_limit: ${MAX_LOG_BYTES}`,
    `authorization { user: ${LOCAL_USER}, password: "${password}" }`,
    `jetstream { store_dir: ${JSON.stringify(storeDirectoryOf(directory))}, max_file_store: ${streamStorageLimit(directory)} }`,
  ]
  replaceFile(file, `${lines.join('\n')}\n`)
  return file
}

/**
 * How much the streams may take, decided at the first start. It stays: a server does not restore a stream that reserves more than there is room for, as it would when the free
 * space, which the server's own default follows, has become less.
 */
function streamStorageLimit(directory: string): number {
  const before = existsSync(configFileOf(directory)) ? readFileSync(configFileOf(directory), 'utf8') : ''
  const configured = Number(/max_file_store: (\d+)/.exec(before)?.[1] ?? 0)
  if (configured > 0) return configured
  const free = freeBytes(directory)
  if (free === undefined) return DEFAULT_STREAM_STORAGE_BYTES
  return Math.floor((free + directorySizeBytes(storeDirectoryOf(directory))) * STREAM_STORAGE_SHARE)
}

/** Free space on the directory's disk; undefined where the system does not tell. */
export function freeBytes(directory: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize
  } catch {
    return undefined
  }
}

function directorySizeBytes(directory: string): number {
  if (!existsSync(directory)) return 0
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

/** Deletes the log's earlier files but the last: the server itself keeps them all. */
export function deleteOldLogs(directory: string): void {
  const earlier = readdirSync(directory).filter((name) => name.startsWith(`${LOG_FILE}.`))
  for (const name of earlier.toSorted().slice(0, -1)) rmSync(join(directory, name), { force: true })
}
