import { linkSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { messageOf, StartFailure } from '../../base/errors.ts'
import { withSocketPath } from './socket-path.ts'

/** Codes of a failed connection to a socket that does not exist or has no listener any more. */
const NO_LISTENER_CODES = new Set(['ENOENT', 'ECONNREFUSED'])

/** `lock.sock` is the first lock; each process that finds the last lock without a listener takes the next number. */
const LOCK_FILE_PATTERN = /^lock(?:-(\d{1,15}))?\.sock$/
const NO_LOCK = -1

/**
 * Locks a data directory (an absolute path) for this process until the process ends, however it ends: the lock is a socket that the process listens on. Rejects with a
 * StartFailure when another process holds the lock, also when several start at the same moment: a name can be linked only once, and names of ended processes are not used
 * again, so that no process removes the lock of a faster one.
 */
export async function lockDataDirectory(dataDir: string): Promise<void> {
  const own = join(dataDir, `starting-${crypto.randomUUID().slice(0, 8)}.sock`)
  let server: Server | undefined
  try {
    server = await withSocketPath(own, listenOn)
    while (!(await acquireNextLock(dataDir, own))) continue
    // The lock alone does not keep the process running.
    server.unref()
  } catch (error) {
    server?.close()
    if (error instanceof StartFailure) throw error
    throw new StartFailure(`The data directory ${dataDir} cannot be locked: ${messageOf(error)}`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** Takes the number after the last lock; false when another process was faster. Throws a StartFailure when the last lock belongs to a running process. */
async function acquireNextLock(dataDir: string, own: string): Promise<boolean> {
  const last = findLastLock(dataDir)
  if (last !== NO_LOCK && (await isHeld(lockFileOf(dataDir, last))))
    throw new StartFailure(
      `The data directory ${dataDir} is in use by another process. Stop that one, or set DATA_DIR to another directory.`,
    )
  const next = last + 1
  if (!linkSocket(own, lockFileOf(dataDir, next))) return false
  // Since the listing, other processes may have taken and released this number and hold a higher one now.
  if (findLastLock(dataDir) > next) {
    rmSync(lockFileOf(dataDir, next), { force: true })
    return false
  }
  for (const older of listLocks(dataDir)) if (older < next) rmSync(lockFileOf(dataDir, older), { force: true })
  return true
}

function listLocks(dataDir: string): number[] {
  return readdirSync(dataDir).flatMap((name) => {
    const found = LOCK_FILE_PATTERN.exec(name)
    return found ? [Number(found[1] ?? 0)] : []
  })
}

function findLastLock(dataDir: string): number {
  return Math.max(NO_LOCK, ...listLocks(dataDir))
}

function lockFileOf(dataDir: string, number: number): string {
  return join(dataDir, number === 0 ? 'lock.sock' : `lock-${number}.sock`)
}

/** Gives a socket a second name; false when the name is taken. */
function linkSocket(socket: string, name: string): boolean {
  try {
    linkSync(socket, name)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function isHeld(file: string): Promise<boolean> {
  return withSocketPath(file, acceptsConnection)
}

function listenOn(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, () => resolve(server))
  })
}

/** Every other error than a missing listener counts as a listener: it may close the connection before it is established. */
function acceptsConnection(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => resolve(!NO_LISTENER_CODES.has((error as NodeJS.ErrnoException).code ?? '')))
  })
}
