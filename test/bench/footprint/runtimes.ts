/** Compares the same service on Bun and on Deno, alternately on the same machine. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type ServiceOptions, startService } from '../../support/process/service.ts'
import { token } from '../../support/http/tokens.ts'
import { pause } from '../../support/process/until.ts'
import { perSecond, ratio, startBacklog } from '../ingestion/backlog.ts'
import { drain } from '../ingestion/drain.ts'
import { median } from '../measure/machine.ts'
import { LOAD_SECONDS, load } from '../requests/polling.ts'
import { cpuSeconds, residentMiB } from '../measure/process-usage.ts'

const RUNTIMES = ['bun', 'deno'] as const
const PATH = '/api/v1/analytics/overview'
const SETTLE_MS = 5_000

type Runtime = NonNullable<ServiceOptions['runtime']>

/** Each duration is reported with the processor time of the service, which other work on the machine affects least. */
interface Costs {
  readonly readyMs: number
  readonly readyCpuMs: number
  readonly idleMiB: number
  readonly pollsPerSecond: number
  readonly cpuMicrosPerPoll: number
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
  readonly peakMiB: number
}

export async function benchRuntimes({ events, tenants, runs }: { events: number; tenants: number; runs: number }) {
  const backlog = await startBacklog(events, tenants)
  const seen: Record<Runtime, Costs[]> = { bun: [], deno: [] }
  for (let run = 0; run < runs; run++)
    for (const runtime of RUNTIMES) {
      const drained = await drain(backlog, events, `${runtime}-${run}`, { runtime })
      const costs = {
        ...(await costsAtRest(runtime)),
        eventsPerSecond: perSecond(events, drained.seconds),
        cpuMicrosPerEvent: drained.cpuMicrosPerEvent,
        peakMiB: drained.peakResidentMiB,
      }
      seen[runtime].push(costs)
      process.stderr.write(`${JSON.stringify({ runtime, ...costs })}\n`)
    }
  await backlog.stop()
  const middle = (runtime: Runtime, name: keyof Costs) => median(seen[runtime].map((costs) => costs[name]))
  const names = Object.keys(seen.bun[0] ?? {}) as (keyof Costs)[]
  return Object.fromEntries(
    names.map((name) => {
      const [bun, deno] = [middle('bun', name), middle('deno', name)]
      return [name, { bun, deno, ratio: ratio(deno, bun) }]
    }),
  )
}

/** Measures a start on existing data, the memory after it, and 304 responses per second. */
async function costsAtRest(runtime: Runtime) {
  const nats = await startNatsServer()
  const options = { natsUrl: nats.url, runtime }
  const first = await startService(options)
  await first.stop()
  const startedAt = performance.now()
  const service = await startService({ ...options, dataDir: first.dataDir })
  const readyMs = Math.round(performance.now() - startedAt)
  const readyCpuMs = Math.round(cpuSeconds(service.pid) * 1_000)
  await pause(SETTLE_MS)
  const idleMiB = residentMiB(service.pid)
  const { headers } = await service.get(PATH)
  const cpuBefore = cpuSeconds(service.pid)
  const answers = await load(service.port, [
    `GET ${PATH} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token(service.secret, { tenantId: 'tenant-1' })}`,
    `if-none-match: ${headers.get('etag') ?? ''}`,
  ])
  const pollsPerSecond = answers['304'] ?? 0
  const polls = pollsPerSecond * LOAD_SECONDS
  const cpuMicrosPerPoll = Math.round(((cpuSeconds(service.pid) - cpuBefore) / polls) * 1e7) / 10
  await service.stop()
  forget(service)
  await nats.stop()
  return { readyMs, readyCpuMs, idleMiB, pollsPerSecond, cpuMicrosPerPoll }
}
