/**
 * Keeps clients' connections to a share of the files that the process may have open. The engine needs the others: without them nothing can be stored. The runtime's
 * listener has no such limit, so it is closed while there are too many connections, and opened again when enough of them have gone.
 */
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { OpenFiles } from './open-files.ts'

const CHECK_INTERVAL_MS = 100
const LOG_INTERVAL_MS = 60_000
const CONNECTION_SHARE = 1 / 2
/** Of the share: below it new connections are taken again. */
const RESUME_SHARE = 3 / 4
/** Held back of a small limit, so that connections that come faster than they are counted leave the engine something. */
const RESERVED_SHARE = 1 / 4
/** Above this the half is far more than the engine needs: nothing has to be held back, and files that are no connections need not be told apart. */
const LARGE_FILE_LIMIT = 16_384

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
  const limit = Math.floor(files.limit * CONNECTION_SHARE)
  const isLarge = files.limit > LARGE_FILE_LIMIT
  const reserved = isLarge ? 0 : Math.floor(files.limit * RESERVED_SHARE)
  let release = files.reserve(reserved)
  let isPaused = false
  let loggedAt = -Infinity
  let cancel = () => {}

  const countConnections = (): number => {
    try {
      const open = files.count() - (isPaused ? 0 : reserved)
      return isLarge || open <= limit * RESUME_SHARE ? open : files.countSockets()
    } catch {
      // Counting them takes a file as well.
      return Infinity
    }
  }
  const logRateLimited = (message: string, fields: object) => {
    if (clock.monotonic() - loggedAt < LOG_INTERVAL_MS) return
    loggedAt = clock.monotonic()
    logger.warn(message, { ...fields, limit, maxOpenFiles: files.limit })
  }
  const check = () => {
    cancel = clock.after(CHECK_INTERVAL_MS, check)
    const count = countConnections()
    if (!isPaused && count > limit) {
      pause()
      release()
      isPaused = true
      logRateLimited('too many connections: no new ones are taken until some have gone', { connections: count })
    } else if (isPaused && count <= limit * RESUME_SHARE) {
      try {
        release = files.reserve(reserved)
        resume()
        isPaused = false
      } catch (error) {
        release()
        logRateLimited('new connections cannot be taken again yet', { error: messageOf(error) })
      }
    }
  }
  check()
  return () => {
    cancel()
    release()
  }
}
