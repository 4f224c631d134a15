import { closeSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import process from 'node:process'
import { StartFailure } from '../../base/errors.ts'

/** The system's limit on a socket's path is 104 to 108 bytes. */
const MAX_SOCKET_PATH_BYTES = 100

/**
 * Runs `task` with a path by which the socket `file` (an absolute path, in a directory that exists) can be listened on or connected to, however long its own path is: the
 * directory is then named by its descriptor, which only this process has. Rejects with a StartFailure where the system does not know such names.
 */
export async function withSocketPath<Result>(file: string, task: (path: string) => Promise<Result>): Promise<Result> {
  if (new TextEncoder().encode(file).byteLength <= MAX_SOCKET_PATH_BYTES) return task(file)
  if (process.platform !== 'linux')
    throw new StartFailure(`The path ${file} is too long for a socket: set DATA_DIR to a shorter one.`)
  const directory = openSync(dirname(file), 'r')
  try {
    return await task(`/proc/self/fd/${directory}/${basename(file)}`)
  } finally {
    closeSync(directory)
  }
}
