import { readdirSync, readFileSync } from 'node:fs'
import process from 'node:process'
import type { ProcessUsage } from './process-metrics.ts'

const MICROSECONDS = 1_000_000

/** Measures this process. Takes a fraction of a millisecond. */
export function readProcessUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  return {
    startedAt: performance.timeOrigin,
    cpuSeconds: (user + system) / MICROSECONDS,
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    openFds: readOrUndefined(countOpenFds),
    maxFds: readOrUndefined(readMaxFds),
  }
}

function countOpenFds(): number {
  // The descriptor that reads the directory is among them, and closed afterwards.
  return readdirSync('/proc/self/fd').length - 1
}

/** The soft limit, which is the one that counts. */
function readMaxFds(): number | undefined {
  const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
  return limit === undefined ? undefined : Number(limit)
}

/** Only Linux has these files, and Deno hides them from a process that does not have all permissions. */
function readOrUndefined(read: () => number | undefined): number | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
