import { linkSync, readdirSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { messageOf, StartFailure } from '../../base/errors.ts'
import { withSocketPath } from './socket-path.ts'

/** What connecting to a socket says that is not there, or that nobody listens on any more. */
const NO_LISTENER_CODES = new Set(['ENOENT', 'ECONNREFUSED'])

/** `lock.sock` is the first; each process that finds the last one dead takes the next number. */
const LOCK_FILE_PATTERN = /^lock(?:-(\d{1,15}))?\.sock$/
const NO_LOCK = -1

/**
 * Takes a data directory (an absolute path) for this process until it ends, however it ends: a socket in it is listened on, which only the living can do. Throws a StartFailure
 * when another process has it, also when several begin at the same moment: a name can be linked once, and names of the dead are not used again, so that nobody removes the
 * lock of a process that was faster.
 */
export async function lockDataDirectory(dataDir: string): Promise<void> {
  const own = join(dataDir, `starting-${crypto.randomUUID().slice(0, 8)}.sock`)
  let server: Server | undefined
  try {
    server = await withSocketPath(own, listenOn)
    while (!(await acquireNextLock(dataDir, own))) continue
    // The lock alone keeps no process alive.
    server.unref()
  } catch (error) {
    server?.close()
    if (error instanceof StartFailure) throw error
    throw new StartFailure(`The data directory ${dataDir} cannot be locked: ${messageOf(error)}`)
  } finally {
    rmSync(own, { force: true })
  }
}

/** Takes the number behind the last lock; false when another process was faster. Throws a StartFailure when the last lock is that of a living process. */
async function acquireNextLock(dataDir: string, own: string): Promise<boolean> {
  const last = findLastLock(dataDir)
  if (last !== NO_LOCK && (await isHeld(lockFileOf(dataDir, last))))
    throw new StartFailure(
      `The data directory ${dataDir} is in use by another process. Stop that one, or set DATA_DIR to another directory.`,
    )
  const next = last + 1
  if (!linkSocket(own, lockFileOf(dataDir, next))) return false
  // It was looked at a while ago: others may have taken and left this number, and have a higher one by now.
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

/** Gives a socket a second name; false when something has that name. */
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

/** Anything else than a refusal is somebody: who hangs up at once may be gone before the connection is told of. */
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
