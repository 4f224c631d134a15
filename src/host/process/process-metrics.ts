/**
 * The metrics that every monitored process has, with the names that Prometheus' own clients use, so that dashboards and alerts for any service work. Metrics of the heap
 * have the names of Node.js on every runtime.
 */
import { Counter, Gauge } from '../../base/prometheus.ts'

/** What the system and the runtime report about this process. */
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

/** Measures at each call. An unknown value has no series, as 0 would be wrong. */
export function createProcessMetrics(readUsage: () => ProcessUsage): () => (Counter | Gauge)[] {
  const cpu = new Counter('process_cpu_seconds_total', 'Seconds of processor time, in user and system mode.')
  const gauges: readonly (readonly [gauge: Gauge, valueOf: (usage: ProcessUsage) => number | undefined])[] = [
    [
      new Gauge('process_start_time_seconds', 'When the process started, in seconds since 1970.'),
      ({ startedAt }) => startedAt / 1000,
    ],
    [new Gauge('process_resident_memory_bytes', 'Resident memory.'), ({ residentBytes }) => residentBytes],
    [new Gauge('process_open_fds', 'Open file descriptors, sockets included.'), ({ openFds }) => openFds],
    [new Gauge('process_max_fds', 'File descriptors that the process may open.'), ({ maxFds }) => maxFds],
    [
      new Gauge('nodejs_heap_size_used_bytes', 'Used part of the JavaScript heap.'),
      ({ heapUsedBytes }) => heapUsedBytes,
    ],
    [
      new Gauge('nodejs_heap_size_total_bytes', 'Size of the JavaScript heap.'),
      // Bun counts memory that objects hold outside of the heap as used.
      ({ heapTotalBytes, heapUsedBytes }) => Math.max(heapTotalBytes, heapUsedBytes),
    ],
    [
      new Gauge('nodejs_external_memory_bytes', 'Memory outside the heap that JavaScript objects hold.'),
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
