/** Measures how the whole service drains a backlog, from the first delivery until every row can be queried. */
import { join } from 'node:path'
import type { NatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, type ServiceOptions, startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { runProgram } from '../measure/run-program.ts'
import { cpuSeconds, watchResident } from '../measure/process-usage.ts'

const TIMEOUT_MS = 300_000
const POLL_MS = 2_500

export interface Drain {
  readonly seconds: number
  readonly inserts: number
  /** Processor seconds of the service and of the broker during the drain. */
  readonly serviceCpuSeconds: number
  readonly brokerCpuSeconds: number
  readonly peakResidentMiB: number
  /** Active parts of the events table at the end; undefined on a server. */
  readonly parts: number | undefined
}

interface LogLine {
  readonly time: string
  readonly message: string
}

/** Counted after the service has exited, because the service has the directory open. */
async function countParts(dataDir: string): Promise<number> {
  const program = 'ingestion/count-parts.ts'
  return (await runProgram<{ parts: number }>(program, [join(dataDir, 'clickhouse')])).parts
}

/** Drains `events` messages with a new consumer and an empty store, so that one backlog serves many runs. */
export async function drain(
  nats: NatsServer,
  events: number,
  consumer: string,
  env: Record<string, string> = {},
  onReady: (service: RunningService) => Promise<void> = () => Promise.resolve(),
  runtime: NonNullable<ServiceOptions['runtime']> = 'bun',
): Promise<Drain> {
  const brokerBefore = cpuSeconds(nats.pid)
  const service = await startService({ natsUrl: nats.url, env: { NATS_CONSUMER: consumer, ...env }, runtime })
  const resident = watchResident(service.pid)
  let drained: Drain
  try {
    await onReady(service)
    const metric = async (name: string) => {
      const { text } = await service.get('/metrics')
      return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
    }
    // Polls rarely, because each request costs the service time; the result is read from the log.
    const deadline = performance.now() + TIMEOUT_MS
    while ((await metric('analytics_events_stored_total')) < events) {
      if (performance.now() > deadline) throw new Error('The service did not store everything in time.')
      await pause(POLL_MS)
    }
    const lines = service
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine)
    const at = (message: string, pick: 'find' | 'findLast') =>
      Date.parse(lines[pick]((line) => line.message === message)!.time)
    drained = {
      seconds: (at('[INGEST] analytics events batch', 'findLast') - at('consuming', 'find')) / 1000,
      inserts: await metric('analytics_flush_size_count'),
      serviceCpuSeconds: cpuSeconds(service.pid),
      brokerCpuSeconds: Math.round((cpuSeconds(nats.pid) - brokerBefore) * 100) / 100,
      peakResidentMiB: resident(),
      parts: undefined,
    }
  } finally {
    resident()
    await service.stop()
  }
  if (env['CLICKHOUSE_URL'] === undefined) drained = { ...drained, parts: await countParts(service.dataDir) }
  forget(service)
  return drained
}
