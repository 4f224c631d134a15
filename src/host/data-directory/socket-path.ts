import { closeSync, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import process from 'node:process'
import { StartFailure } from '../../base/errors.ts'

/** Systems limit the path of a socket to 104 to 108 bytes. */
const MAX_SOCKET_PATH_BYTES = 100

/**
 * Runs `task` with a path under which the socket `file` (an absolute path in an existing directory) can be listened on or connected to, however long its own path is: a
 * long directory is named by a descriptor of this process. Rejects with a StartFailure where the system does not support such paths.
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
