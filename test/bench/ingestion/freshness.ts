/** Measures the time from publishing an event until a REST response contains it, under a constant load of other events. */
import { connect } from 'nats'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { openHistory } from '../history/open-history.ts'
import { messageEvent } from '../measure/message-event.ts'

const PROBE_TENANT = 'probe'
const PROBE_EVERY_MS = 200
const POLL_MS = 5
const TENANTS = 50

interface Load {
  readonly eventsPerSecond: number
  readonly seconds: number
}

/** The same over a store of about `history` events. */
export async function benchFreshnessHistory({ history, ...load }: Load & { readonly history: number }) {
  const store = await openHistory(history)
  try {
    return { history: { rows: store.rows, parts: store.parts }, ...(await benchFreshness(load, store.copy())) }
  } finally {
    store.close()
  }
}

/** Deletes the data directory. */
export async function benchFreshness({ eventsPerSecond, seconds }: Load, dataDir?: string) {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, ...(dataDir === undefined ? {} : { dataDir }) })
  const load = Bun.spawn(
    [
      process.execPath,
      `${import.meta.dir}/steady-load.ts`,
      nats.url,
      String(eventsPerSecond),
      String(seconds + 2),
      String(TENANTS),
    ],
    { stdout: 'pipe', stderr: 'inherit' },
  )
  await pause(1_000)
  const connection = await connect({ servers: nats.url })
  const jetstream = connection.jetstream()
  const latencies: number[] = []
  const until = performance.now() + seconds * 1_000
  for (let probe = 1; performance.now() < until; probe++) {
    const startedAt = performance.now()
    const { envelope } = messageEvent(probe, PROBE_TENANT, Date.now())
    await jetstream.publish('pipeline.message.sent', JSON.stringify(envelope))
    while ((await countSent(service)) < probe) await pause(POLL_MS)
    latencies.push(performance.now() - startedAt)
    await pause(Math.max(0, PROBE_EVERY_MS - (performance.now() - startedAt)))
  }
  const published = JSON.parse(await new Response(load.stdout).text()) as { acknowledged: number; seconds: number }
  await connection.close()
  await service.stop()
  forget(service)
  await nats.stop()
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!)
  return {
    eventsPerSecond: Math.round(published.acknowledged / published.seconds),
    probes: latencies.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  }
}

async function countSent(service: RunningService): Promise<number> {
  const { body } = await service.get('/api/v1/analytics/messages?timeRange=1d', { tenant: PROBE_TENANT })
  return (body as { data: { summary: { sent: number } } }).data.summary.sent
}
