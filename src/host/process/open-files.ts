import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'

/** The open files of this process, sockets among them. */
export interface OpenFiles {
  /** How many there may be at once. */
  readonly limit: number
  count(): number
  /** How many of them are sockets. Costs a system call for each open file. */
  countSockets(): number
  /** Holds so many more, until what is returned is called. Throws when there are no more to be had. */
  reserve(count: number): () => void
}

const DESCRIPTOR_DIRECTORY = '/proc/self/fd'

/** Undefined where the system does not tell, or knows no limit. */
export function findOpenFiles(): OpenFiles | undefined {
  try {
    const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
    if (!Number.isSafeInteger(limit) || limit === 0) return undefined
    // Kernels before 6.2 say 0.
    const isSized = statSync(DESCRIPTOR_DIRECTORY).size > 0
    return {
      limit,
      count: () => (isSized ? statSync(DESCRIPTOR_DIRECTORY).size : readdirSync(DESCRIPTOR_DIRECTORY).length),
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
  } catch {
    return undefined
  }
}

function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(`${DESCRIPTOR_DIRECTORY}/${descriptor}`).startsWith('socket:')
  } catch {
    // Closed meanwhile.
    return false
  }
}
