import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartFailure } from '../errors.ts'

/** The system's limit on a socket's path is a little above. */
const MAX_SOCKET_PATH = 100

/**
 * Takes a data directory (an absolute path) for this process until it ends, however it ends: a socket in it is listened on, which only the living can do. Throws a StartFailure
 * when another process has it.
 */
export async function lockDataDirectory(dataDir: string): Promise<void> {
  const inside = join(dataDir, 'lock.sock')
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16)
  const path = inside.length <= MAX_SOCKET_PATH ? inside : join(tmpdir(), `outreach-analytics-${name}.sock`)
  if (await answers(path))
    throw new StartFailure(
      `The data directory ${dataDir} is in use by another process. Stop that one, or set DATA_DIR to another directory.`,
    )
  // Left behind by a process that was killed.
  rmSync(path, { force: true })
  await new Promise<void>((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', (error) =>
      reject(new StartFailure(`The data directory ${dataDir} cannot be locked: ${error.message}`)),
    )
    server.listen(path, resolve)
    // The lock alone keeps no process alive.
    server.unref()
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
