import process from 'node:process'
import { countOpenFiles, readMaxOpenFiles } from './open-files.ts'
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
    openFds: countOpenFiles(),
    maxFds: readMaxOpenFiles(),
  }
}
