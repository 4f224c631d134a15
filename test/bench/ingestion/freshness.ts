/** Measures the time from publishing an event until a REST response contains it, under a constant load of other events. */
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { pause } from '../../support/process/until.ts'
import { openHistory } from '../history/open-history.ts'
import { measureProbes, PROBE_TENANT, startSteadyLoad } from './probes.ts'

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

/** The time until engagement counts a message, instead of its event. */
export function benchEngagementFreshness(load: Load) {
  return measureFreshness(load, countMessages)
}

/** Deletes the data directory. */
export function benchFreshness(load: Load, dataDir?: string) {
  return measureFreshness(load, countSent, dataDir)
}

async function measureFreshness(
  { eventsPerSecond, seconds }: Load,
  count: (service: RunningService) => Promise<number>,
  dataDir?: string,
) {
  const nats = await startNatsServer()
  const service = await startService({ natsUrl: nats.url, ...(dataDir === undefined ? {} : { dataDir }) })
  const load = startSteadyLoad(nats.url, { eventsPerSecond, seconds: seconds + 2, tenants: TENANTS })
  await pause(1_000)
  const probes = await measureProbes(nats.url, { seconds, pollMs: POLL_MS, countSeen: () => count(service) })
  const rate = await load()
  await service.stop()
  forget(service)
  await nats.stop()
  return { eventsPerSecond: rate, ...probes }
}

interface Messages {
  readonly summary: { readonly sent: number }
  readonly engagement: { readonly messages: number }
}

async function countSent(service: RunningService): Promise<number> {
  return (await readMessages(service)).summary.sent
}

async function countMessages(service: RunningService): Promise<number> {
  return (await readMessages(service)).engagement.messages
}

async function readMessages(service: RunningService): Promise<Messages> {
  const { body } = await service.get('/api/v1/analytics/messages?timeRange=1d', { tenant: PROBE_TENANT })
  return (body as { data: Messages }).data
}
