import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** The open files of this process, sockets included. */
export interface OpenFiles {
  /** How many the system allows at once. */
  readonly limit: number
  count(): number
  /** How many of them are sockets. Costs a system call per open file. */
  countSockets(): number
  /** Opens `count` more files and keeps them open until the returned function is called. Throws when the system allows no more. */
  reserve(count: number): () => void
}

const DESCRIPTOR_DIRECTORY = '/proc/self/fd'

/** Undefined where the system reports no limit. Only Linux does, and Deno hides it from a process without all permissions. */
export function findOpenFiles(): OpenFiles | undefined {
  const limit = readMaxOpenFiles()
  if (limit === undefined || countOpenFiles() === undefined) return undefined
  return {
    limit,
    count: countDescriptors,
    countSockets: () => readdirSync(DESCRIPTOR_DIRECTORY).filter(isSocket).length,
    reserve(count) {
      const held: number[] = []
      const release = () => held.splice(0).forEach((descriptor) => closeSync(descriptor))
      try {
        while (held.length < count) held.push(openSync('/dev/null', 'r'))
      } catch (error) {
        release()
        throw error
      }
      return release
    },
  }
}

/** Undefined where the system does not report it. */
export function countOpenFiles(): number | undefined {
  try {
    return countDescriptors()
  } catch {
    return undefined
  }
}

/** The soft limit, which is the one that applies; undefined where the system reports none. */
export function readMaxOpenFiles(): number | undefined {
  try {
    const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1])
    return Number.isSafeInteger(limit) && limit > 0 ? limit : undefined
  } catch {
    return undefined
  }
}

function countDescriptors(): number {
  // Linux before 6.2 reports a size of 0; the listing also counts the descriptor that reads the directory.
  return statSync(DESCRIPTOR_DIRECTORY).size || readdirSync(DESCRIPTOR_DIRECTORY).length - 1
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(`${DESCRIPTOR_DIRECTORY}/${descriptor}`).startsWith('socket:')
  } catch {
    // Closed since the directory was listed.
    return false
  }
}
