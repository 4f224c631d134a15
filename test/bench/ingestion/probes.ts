/** Single events under a constant load of others: the time from publishing one until it is seen. */
import { connect } from 'nats'
import { pause } from '../../support/process/until.ts'
import { messageEvent } from '../measure/message-event.ts'

export const PROBE_TENANT = 'probe'
const PROBE_EVERY_MS = 200

interface SteadyLoad {
  readonly eventsPerSecond: number
  readonly seconds: number
  readonly tenants: number
}

/** Publishes at a constant rate in a process of its own; the function that it returns waits for the end and resolves with the achieved rate in events per second. */
export function startSteadyLoad(natsUrl: string, { eventsPerSecond, seconds, tenants }: SteadyLoad) {
  const load = Bun.spawn(
    [
      process.execPath,
      `${import.meta.dir}/steady-load.ts`,
      natsUrl,
      String(eventsPerSecond),
      String(seconds),
      String(tenants),
    ],
    { stdout: 'pipe', stderr: 'inherit' },
  )
  return async () => {
    const published = JSON.parse(await new Response(load.stdout).text()) as { acknowledged: number; seconds: number }
    return Math.round(published.acknowledged / published.seconds)
  }
}

interface Probes {
  readonly seconds: number
  readonly pollMs: number
  /** The number of events of `PROBE_TENANT` that are seen. */
  readonly countSeen: () => number | Promise<number>
}

/** Publishes sent messages of `PROBE_TENANT` one after the other; milliseconds until each was seen. */
export async function measureProbes(natsUrl: string, { seconds, pollMs, countSeen }: Probes) {
  const connection = await connect({ servers: natsUrl })
  const jetstream = connection.jetstream()
  const latencies: number[] = []
  const end = performance.now() + seconds * 1_000
  for (let probe = 1; performance.now() < end; probe++) {
    const startedAt = performance.now()
    const { envelope } = messageEvent(probe * 4, PROBE_TENANT, Date.now())
    await jetstream.publish('pipeline.message.sent', JSON.stringify(envelope))
    while ((await countSeen()) < probe) await pause(pollMs)
    latencies.push(performance.now() - startedAt)
    await pause(Math.max(0, PROBE_EVERY_MS - (performance.now() - startedAt)))
  }
  await connection.close()
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!)
  return { probes: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}
