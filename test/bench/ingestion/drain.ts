/** Measures how the whole service drains a backlog, from the first delivery until every row can be queried. */
import { join } from 'node:path'
import type { NatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, type ServiceOptions, startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { cpuSeconds, peakResidentMiB } from '../measure/process-usage.ts'
import { runProgram } from '../measure/run-program.ts'
import { readMetric, readMetrics } from '../measure/service-metrics.ts'
import { watchThreads } from '../measure/thread-usage.ts'
import { type Stages, stagesOf } from './stages.ts'

const TIMEOUT_MS = 600_000
const POLL_MS = 2_500

export interface DrainOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Called when the service is ready. */
  readonly onReady?: (service: RunningService) => Promise<void>
  readonly runtime?: NonNullable<ServiceOptions['runtime']>
  /** A directory with a store, which gets the events and is deleted afterwards; by default an empty store. */
  readonly dataDir?: string
  /** Rows of that store. */
  readonly rowsBefore?: number
}

export interface Drain {
  readonly seconds: number
  readonly inserts: number
  /** Processor seconds of the service, from its start, and of the broker. Deliveries begin before the service reports that it is ready, so that its start cannot be left out. */
  readonly serviceCpuSeconds: number
  readonly brokerCpuSeconds: number
  /** Processor time of the service per event, in all and by threads. */
  readonly cpuMicrosPerEvent: number
  readonly cpuMicrosPerEventByThread: Readonly<Record<string, number>>
  readonly stages: Stages
  readonly peakResidentMiB: number
  /** Active parts of the events table at the end; undefined on a server. */
  readonly parts: number | undefined
}

interface LogLine {
  readonly time: string
  readonly message: string
}

interface StoredRows {
  readonly parts: number
  readonly rows: number
}

/** Drains `events` messages with a new consumer, so that one backlog serves many runs. Throws when the store does not contain exactly these rows in addition. */
export async function drain(
  nats: NatsServer,
  events: number,
  consumer: string,
  { env = {}, onReady = () => Promise.resolve(), runtime = 'bun', dataDir, rowsBefore = 0 }: DrainOptions = {},
): Promise<Drain> {
  const brokerBefore = cpuSeconds(nats.pid)
  const service = await startService({
    natsUrl: nats.url,
    env: { NATS_CONSUMER: consumer, ...env },
    runtime,
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  const threads = watchThreads(service.pid)
  let drained: Drain
  try {
    await onReady(service)
    // Polls rarely, because each request costs the service time; the result is read from the log.
    const deadline = performance.now() + TIMEOUT_MS
    while ((await readMetric(service, 'analytics_events_stored_total')) < events) {
      if (performance.now() > deadline) throw new Error('The service did not store everything in time.')
      await pause(POLL_MS)
    }
    const serviceCpuSeconds = cpuSeconds(service.pid)
    const microsPerEvent = (seconds: number) => Math.round((seconds / events) * 1e7) / 10
    const metrics = await readMetrics(service)
    drained = {
      seconds: secondsFrom(service.log()),
      inserts: metrics.get('analytics_flush_size_count') ?? 0,
      serviceCpuSeconds,
      brokerCpuSeconds: rounded(cpuSeconds(nats.pid) - brokerBefore),
      cpuMicrosPerEvent: microsPerEvent(serviceCpuSeconds),
      cpuMicrosPerEventByThread: Object.fromEntries(
        Object.entries(threads()).map(([name, seconds]) => [name, microsPerEvent(seconds)]),
      ),
      stages: stagesOf(metrics, events),
      peakResidentMiB: peakResidentMiB(service.pid),
      parts: undefined,
    }
  } finally {
    threads()
    await service.stop()
  }
  if (env['CLICKHOUSE_URL'] === undefined) {
    // Counted after the service has exited, because the service has the directory open.
    const { parts, rows } = await runProgram<StoredRows>('ingestion/count-parts.ts', [
      join(service.dataDir, 'clickhouse'),
    ])
    if (rows !== rowsBefore + events) throw new Error(`The store has ${rows} rows, not ${rowsBefore + events}.`)
    drained = { ...drained, parts }
  }
  forget(service)
  return drained
}

/** From the first delivery until the last block was inserted. A block is logged when its rows can be queried. */
function secondsFrom(log: string): number {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine)
  const at = (message: string, pick: 'find' | 'findLast') =>
    Date.parse(lines[pick]((line) => line.message === message)!.time)
  return (at('[INGEST] analytics events batch', 'findLast') - at('consuming', 'find')) / 1_000
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100
}
