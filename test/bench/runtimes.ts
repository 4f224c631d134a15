/** The same service on Bun and on Deno, in turn on the same machine: what each costs. */
import { startNatsServer } from '../support/nats-server.ts'
import { forget, type ServiceOptions, startService } from '../support/service.ts'
import { token } from '../support/tokens.ts'
import { pause } from '../support/until.ts'
import { perSecond, ratio, startBacklog } from './backlog.ts'
import { drain } from './drain.ts'
import { median } from './machine.ts'
import { load } from './polling.ts'
import { residentMiB } from './process-usage.ts'

const RUNTIMES = ['bun', 'deno'] as const
const PATH = '/api/v1/analytics/overview'
const SETTLE_MS = 5_000

type Runtime = NonNullable<ServiceOptions['runtime']>

interface Costs {
  readonly readyMs: number
  readonly idleMiB: number
  readonly pollsPerSecond: number
  readonly eventsPerSecond: number
  readonly peakMiB: number
}

export async function benchRuntimes({ events, tenants, runs }: { events: number; tenants: number; runs: number }) {
  const backlog = await startBacklog(events, tenants)
  const seen: Record<Runtime, Costs[]> = { bun: [], deno: [] }
  for (let run = 0; run < runs; run++)
    for (const runtime of RUNTIMES) {
      const drained = await drain(backlog, events, `${runtime}-${run}`, {}, () => Promise.resolve(), runtime)
      const costs = {
        ...(await costsAtRest(runtime)),
        eventsPerSecond: perSecond(events, drained.seconds),
        peakMiB: drained.peakResidentMiB,
      }
      seen[runtime].push(costs)
      process.stderr.write(`${JSON.stringify({ runtime, ...costs })}\n`)
    }
  await backlog.stop()
  const middle = (runtime: Runtime, name: keyof Costs) => median(seen[runtime].map((costs) => costs[name]))
  const names = ['readyMs', 'idleMiB', 'pollsPerSecond', 'eventsPerSecond', 'peakMiB'] as const
  return Object.fromEntries(
    names.map((name) => {
      const [bun, deno] = [middle('bun', name), middle('deno', name)]
      return [name, { bun, deno, ratio: ratio(deno, bun) }]
    }),
  )
}

/** A start on data that is there, the memory it then has, and answers of 304 a second. */
async function costsAtRest(runtime: Runtime): Promise<Pick<Costs, 'readyMs' | 'idleMiB' | 'pollsPerSecond'>> {
  const nats = await startNatsServer()
  const options = { natsUrl: nats.url, runtime }
  const first = await startService(options)
  await first.stop()
  const startedAt = performance.now()
  const service = await startService({ ...options, dataDir: first.dataDir })
  const readyMs = Math.round(performance.now() - startedAt)
  await pause(SETTLE_MS)
  const idleMiB = residentMiB(service.pid)
  const { headers } = await service.get(PATH)
  const answers = await load(service.port, [
    `GET ${PATH} HTTP/1.1`,
    'host: localhost',
    `authorization: Bearer ${token(service.secret, { tenantId: 'tenant-1' })}`,
    `if-none-match: ${headers.get('etag') ?? ''}`,
  ])
  await service.stop()
  forget(service)
  await nats.stop()
  return { readyMs, idleMiB, pollsPerSecond: answers['304'] ?? 0 }
}
