/**
 * The files of the local server: its configuration, the password, and where it is. Only their owner may read them, since the password stands in them.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statfsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../replace-file.ts'

export const HOST = '127.0.0.1'
export const LOCAL_USER = 'analytics'

const LOG_FILE = 'server.log'
/** Room for messages over 1 MiB: they then reach the dead letters instead of an error at the producer. */
const MAX_PAYLOAD_BYTES = 8 * 1_048_576
/** The server begins a new file at this size. */
const MAX_LOG_BYTES = 10 * 1_048_576
/** The part of the disk's free space that streams may take. */
const STORE_SHARE = 0.75
/** Where the system does not tell how much is free. */
const UNKNOWN_STORE_BYTES = 10 * 1_073_741_824

/** Where the server is and how to get in. */
export interface LocalAddress {
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
export function readAddress(
  directory: string,
): (Partial<LocalAddress> & Pick<LocalAddress, 'port' | 'pid'>) | undefined {
  try {
    const address = JSON.parse(readFileSync(addressFileOf(directory), 'utf8')) as LocalAddress
    return Number.isSafeInteger(address.port) && Number.isSafeInteger(address.pid) ? address : undefined
  } catch {
    return undefined
  }
}

export function writeAddress(directory: string, address: LocalAddress): void {
  replaceFile(addressFileOf(directory), `${JSON.stringify(address)}\n`)
}

export function removeAddress(directory: string): void {
  rmSync(addressFileOf(directory), { force: true })
}

/** The password of the directory's server, which stays the same over restarts; made when there is none. */
export function readPassword(directory: string): string {
  const file = passwordFileOf(directory)
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : ''
  if (/^[\w-]{32,}$/.test(kept)) return kept
  const made = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
  replaceFile(file, `${made}\n`)
  return made
}

/** Writes the server's configuration; its path. */
export function writeConfiguration(directory: string, password: string): string {
  const file = configFileOf(directory)
  const lines = [
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `logfile_size_limit: ${MAX_LOG_BYTES}`,
    `authorization { user: ${LOCAL_USER}, password: "${password}" }`,
    `jetstream { store_dir: ${JSON.stringify(storeDirectoryOf(directory))}, max_file_store: ${storeBytes(directory)} }`,
  ]
  replaceFile(file, `${lines.join('\n')}\n`)
  return file
}

/**
 * How much the streams may take, decided at the first start. It stays: a server does not restore a stream that reserves more than there is room for, as it would when the free
 * space, which the server's own default follows, has become less.
 */
function storeBytes(directory: string): number {
  const before = existsSync(configFileOf(directory)) ? readFileSync(configFileOf(directory), 'utf8') : ''
  const decided = Number(/max_file_store: (\d+)/.exec(before)?.[1] ?? 0)
  if (decided > 0) return decided
  const free = freeBytes(directory)
  if (free === undefined) return UNKNOWN_STORE_BYTES
  return Math.floor((free + bytesIn(storeDirectoryOf(directory))) * STORE_SHARE)
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

function bytesIn(directory: string): number {
  if (!existsSync(directory)) return 0
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
}

/** Deletes the log's earlier files but the last: the server itself keeps them all. */
export function pruneLogs(directory: string): void {
  const earlier = readdirSync(directory).filter((name) => name.startsWith(`${LOG_FILE}.`))
  for (const name of earlier.toSorted().slice(0, -1)) rmSync(join(directory, name), { force: true })
}
