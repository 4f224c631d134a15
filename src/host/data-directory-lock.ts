import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { messageOf, StartFailure } from '../errors.ts'
import { withSocketPath } from './socket-path.ts'

/** What connecting to a socket says that is not there, or that nobody listens on any more. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED'])

/**
 * Takes a data directory (an absolute path) for this process until it ends, however it ends: a socket in it is listened on, which only the living can do. Throws a StartFailure
 * when another process has it.
 */
export async function lockDataDirectory(dataDir: string): Promise<void> {
  const file = join(dataDir, 'lock.sock')
  try {
    await withSocketPath(file, async (path) => {
      if (await answers(path))
        throw new StartFailure(
          `The data directory ${dataDir} is in use by another process. Stop that one, or set DATA_DIR to another directory.`,
        )
      // Left behind by a process that was killed.
      rmSync(file, { force: true })
      await listen(path)
    })
  } catch (error) {
    if (error instanceof StartFailure) throw error
    throw new StartFailure(`The data directory ${dataDir} cannot be locked: ${messageOf(error)}`)
  }
}

function listen(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', reject)
    server.listen(path, resolve)
    // The lock alone keeps no process alive.
    server.unref()
  })
}

/** Anything else than a refusal is somebody: who hangs up at once may be gone before the connection is told of. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => resolve(!NOBODY.has((error as NodeJS.ErrnoException).code ?? '')))
  })
}
