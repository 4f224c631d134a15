/**
 * The series that every monitored process has, with the names that the official Prometheus clients use, so that generic dashboards and alerts work.
 * The series of the heap have the names of the Node.js client on every runtime.
 */
import { Counter, Gauge } from '../../base/prometheus.ts'

/** Measurements of the system and the runtime about this process. */
export interface ProcessUsage {
  /** Epoch milliseconds. */
  readonly startedAt: number
  readonly cpuSeconds: number
  readonly residentBytes: number
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly externalBytes: number
  /** File descriptors, sockets included. Undefined where the system does not report them. */
  readonly openFds: number | undefined
  /** Undefined also where there is no limit. */
  readonly maxFds: number | undefined
}

/** Returns a function that measures at each call. A value that is unknown has no series, because 0 would be wrong. */
export function createProcessMetrics(readUsage: () => ProcessUsage): () => (Counter | Gauge)[] {
  const cpu = new Counter('process_cpu_seconds_total', 'Processor time in user and system mode.')
  const gauges: readonly (readonly [gauge: Gauge, valueOf: (usage: ProcessUsage) => number | undefined])[] = [
    [
      new Gauge('process_start_time_seconds', 'Start time of the process, in seconds since the Unix epoch.'),
      ({ startedAt }) => startedAt / 1000,
    ],
    [new Gauge('process_resident_memory_bytes', 'Resident memory size.'), ({ residentBytes }) => residentBytes],
    [new Gauge('process_open_fds', 'Open file descriptors, sockets included.'), ({ openFds }) => openFds],
    [new Gauge('process_max_fds', 'Maximum number of open file descriptors.'), ({ maxFds }) => maxFds],
    [
      new Gauge('nodejs_heap_size_used_bytes', 'Used part of the JavaScript heap.'),
      ({ heapUsedBytes }) => heapUsedBytes,
    ],
    [
      new Gauge('nodejs_heap_size_total_bytes', 'Size of the JavaScript heap.'),
      // Bun includes memory outside of the heap in the used part.
      ({ heapTotalBytes, heapUsedBytes }) => Math.max(heapTotalBytes, heapUsedBytes),
    ],
    [
      new Gauge('nodejs_external_memory_bytes', 'Memory outside of the heap that JavaScript objects hold.'),
      ({ externalBytes }) => externalBytes,
    ],
  ]
  return () => {
    const usage = readUsage()
    cpu.add(usage.cpuSeconds - cpu.value())
    const known = gauges.filter(([gauge, valueOf]) => {
      const value = valueOf(usage)
      if (value !== undefined) gauge.set(value)
      return value !== undefined
    })
    return [cpu, ...known.map(([gauge]) => gauge)]
  }
}
