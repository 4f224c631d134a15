/**
 * Limits clients' connections to a share of the files that the process may have open: the engine needs the others to store events. The runtime's listener has no such
 * limit, so that it is closed while there are too many connections and opened again when enough of them have closed.
 */
import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { OpenFiles } from './open-files.ts'

const CHECK_INTERVAL_MS = 100
const LOG_INTERVAL_MS = 60_000
const CONNECTION_SHARE = 1 / 2
/** The part of the share below which new connections are accepted again. */
const RESUME_SHARE = 3 / 4
/** The reserved part of a small limit: connections that open between two checks leave it to the engine. */
const RESERVED_SHARE = 1 / 4
/** Above this limit half of the files are far more than the engine needs: nothing is reserved, and every open file counts as a connection. */
const LARGE_FILE_LIMIT = 16_384

export interface ConnectionLimitOptions {
  readonly files: OpenFiles
  /** Stops to accept connections. */
  readonly pause: () => void
  /** Accepts connections again. Throws when that is not possible now. */
  readonly resume: () => void
  readonly clock: Clock
  readonly logger: Logger
}

/** Starts the checks; the returned function ends them. */
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
      // No file is left to count them with.
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
      logRateLimited('too many connections; no new ones are accepted until some have closed', { connections: count })
    } else if (isPaused && count <= limit * RESUME_SHARE) {
      try {
        release = files.reserve(reserved)
        resume()
        isPaused = false
      } catch (error) {
        release()
        logRateLimited('new connections cannot be accepted again yet', { error: messageOf(error) })
      }
    }
  }
  check()
  return () => {
    cancel()
    release()
  }
}
