/**
 * The files of the local server: its configuration, password and address. Only their owner can read them, since they contain the password.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../host/data-directory/replace-file.ts'

export const LOCAL_HOST = '127.0.0.1'
export const LOCAL_USER = 'analytics'

const LOG_FILE = 'server.log'
/** More than the default of 1 MiB: larger events become dead letters instead of errors at the producer. */
const MAX_PAYLOAD_BYTES = 8 * 1_048_576
/** The server starts a new log file at this size. */
const MAX_LOG_BYTES = 10 * 1_048_576
/** The part of the disk's free space that streams may use. */
const STREAM_STORAGE_SHARE = 0.75
/** Used where the system does not report the free space. */
const DEFAULT_STREAM_STORAGE_BYTES = 10 * 1_073_741_824

/** Address and credentials of the server. */
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

/** The stored address; undefined when there is none or it is invalid. */
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

/** The password of the server, which stays the same across restarts; generated when there is none. */
export function readOrCreatePassword(directory: string): string {
  const file = passwordFileOf(directory)
  const stored = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (/^[\w-]{32,}$/.test(stored)) return stored
  const generated = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  replaceFile(file, `${generated}\n`)
  return generated
}

/** Writes the server's configuration and returns its path. */
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
 * The size limit of all streams, set at the first start and kept since. The server's default follows the free space, and a server does not restore a stream that reserves more than
 * the limit: with less free space, streams would be missing after a restart.
 */
function streamStorageLimit(directory: string): number {
  const existing = existsSync(configFileOf(directory)) ? readFileSync(configFileOf(directory), 'utf8') : ''
  const configured = Number(/max_file_store: (\d+)/.exec(existing)?.[1] ?? 0)
  if (configured > 0) return configured
  const free = freeBytes(directory)
  if (free === undefined) return DEFAULT_STREAM_STORAGE_BYTES
  return Math.floor((free + directorySizeBytes(storeDirectoryOf(directory))) * STREAM_STORAGE_SHARE)
}

/** Free space on the directory's disk in bytes; undefined where the system does not report it. */
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

/** Deletes earlier log files except the last one: the server keeps all of them. */
export function deleteOldLogs(directory: string): void {
  const earlier = readdirSync(directory).filter((name) => name.startsWith(`${LOG_FILE}.`))
  for (const name of earlier.toSorted().slice(0, -1)) rmSync(join(directory, name), { force: true })
}
