/**
 * Keeps clients' connections to a share of the files that the process may have open. The engine needs the others: without them nothing can be stored. The runtime's
 * listener has no such limit, so it is closed while there are too many connections, and opened again when enough of them have gone.
 */
import type { Clock } from '../clock.ts'
import { messageOf } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { OpenFiles } from './open-files.ts'

const LOOK_INTERVAL_MS = 100
const LOG_INTERVAL_MS = 60_000
const SHARE = 1 / 2
/** Of the share: below it new connections are taken again. */
const RESUME_AT = 3 / 4
/** Held back of a small limit, so that connections that come faster than they are counted leave the engine something. */
const RESERVED_SHARE = 1 / 4
/** Above this the half is far more than the engine needs: nothing has to be held back, and files that are no connections need not be told apart. */
const LARGE_LIMIT = 16_384

export interface ConnectionLimitOptions {
  readonly files: OpenFiles
  /** Takes no new connections from here on. */
  readonly pause: () => void
  /** Takes new ones again. Throws when that cannot be had now. */
  readonly resume: () => void
  readonly clock: Clock
  readonly logger: Logger
}

/** Begins to watch; the function returned ends it. */
export function limitConnections({ files, pause, resume, clock, logger }: ConnectionLimitOptions): () => void {
  const limit = Math.floor(files.limit * SHARE)
  const isLarge = files.limit > LARGE_LIMIT
  const reserved = isLarge ? 0 : Math.floor(files.limit * RESERVED_SHARE)
  let release = files.reserve(reserved)
  let isPaused = false
  let loggedAt = -Infinity
  let cancel = () => {}

  const connections = (): number => {
    try {
      const open = files.count() - (isPaused ? 0 : reserved)
      return isLarge || open <= limit * RESUME_AT ? open : files.countSockets()
    } catch {
      // Counting them takes a file as well.
      return Infinity
    }
  }
  const log = (message: string, fields: object) => {
    if (clock.monotonic() - loggedAt < LOG_INTERVAL_MS) return
    loggedAt = clock.monotonic()
    logger.warn(message, { ...fields, limit, maxOpenFiles: files.limit })
  }
  const look = () => {
    cancel = clock.after(LOOK_INTERVAL_MS, look)
    const count = connections()
    if (!isPaused && count > limit) {
      pause()
      release()
      isPaused = true
      log('too many connections: no new ones are taken until some have gone', { connections: count })
    } else if (isPaused && count <= limit * RESUME_AT) {
      try {
        release = files.reserve(reserved)
        resume()
        isPaused = false
      } catch (error) {
        release()
        log('new connections cannot be taken again yet', { error: messageOf(error) })
      }
    }
  }
  look()
  return () => {
    cancel()
    release()
  }
}
