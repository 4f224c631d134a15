/** Measures the speed at which one, two and three processes of one environment drain a backlog into a server, and the cost of each component. */
import { PARTITION_COUNT } from '../../../src/cluster/cluster-state.ts'
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import type { NatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { until } from '../../support/process/until.ts'
import { perSecond, ratio, startBacklog } from '../ingestion/backlog.ts'
import { median } from '../measure/machine.ts'
import { cpuSeconds } from '../measure/process-usage.ts'

const TIMEOUT_MS = 300_000

export interface Sharing {
  readonly events: number
  readonly tenants: number
  readonly processes: readonly number[]
  readonly runs: number
}

type Drained = Awaited<ReturnType<typeof drainTogether>>

export async function benchSharing({ events, tenants, processes, runs }: Sharing) {
  const nats = await startBacklog(events, tenants)
  const drained: Drained[] = []
  try {
    for (let run = 1; run <= runs; run++)
      for (const count of processes) {
        drained.push(await drainTogether(nats, events, count, `sharing-${run}-${count}`))
        process.stderr.write(`${JSON.stringify(drained.at(-1))}\n`)
      }
  } finally {
    await nats.stop()
  }
  const rateOf = (count: number) =>
    median(drained.filter((one) => one.processes === count).map(({ eventsPerSecond }) => eventsPerSecond))
  return {
    events,
    tenants,
    eventsPerSecond: Object.fromEntries(processes.map((count) => [count, rateOf(count)])),
    toOne: Object.fromEntries(processes.map((count) => [count, ratio(rateOf(count), rateOf(processes[0]!))])),
    runs: drained,
  }
}

/** From the moment when all processes have partitions until everything is stored. */
async function drainTogether(nats: NatsServer, events: number, processes: number, consumer: string) {
  const front = await startClickHouseFront()
  const env = { NATS_CONSUMER: consumer, CLICKHOUSE_URL: front.url, LOG_LEVEL: 'warn' }
  const services = await Promise.all(Array.from({ length: processes }, () => startService({ natsUrl: nats.url, env })))
  try {
    const stored = () => sumOf(services, 'analytics_events_stored_total')
    await until(
      async () =>
        (await sumOf(services, 'analytics_cluster_partitions')) === PARTITION_COUNT &&
        (await sumOf(services, 'analytics_cluster_leader')) === 1 &&
        (await Promise.all(services.map((one) => sumOf([one], 'analytics_cluster_partitions')))).every(
          (held) => held > 0,
        ),
      TIMEOUT_MS,
    )
    const usage = () => ({
      services: services.map(({ pid }) => cpuSeconds(pid)),
      broker: cpuSeconds(nats.pid),
      store: cpuSeconds(front.pid),
    })
    const [startedAt, storedBefore, before] = [performance.now(), await stored(), usage()]
    await until(async () => (await stored()) >= events, TIMEOUT_MS)
    const seconds = (performance.now() - startedAt) / 1_000
    const after = usage()
    const count = events - storedBefore
    const microseconds = (from: number, to: number) => Math.round(((to - from) / count) * 1e7) / 10
    const passed = await sumOf(services, 'analytics_events_forwarded_total')
    return {
      processes,
      eventsPerSecond: perSecond(count, seconds),
      passedShare: ratio(passed, events),
      /** Processor time per event, of each process of the service, the broker and the store. */
      serviceMicroseconds: services.map((_, at) => microseconds(before.services[at]!, after.services[at]!)),
      brokerMicroseconds: microseconds(before.broker, after.broker),
      storeMicroseconds: microseconds(before.store, after.store),
    }
  } finally {
    await Promise.all(services.map((service) => service.stop()))
    services.forEach(forget)
    await front.stop()
  }
}

async function sumOf(services: readonly RunningService[], name: string): Promise<number> {
  const texts = await Promise.all(services.map(async (service) => (await service.get('/metrics')).text))
  return texts.reduce((sum, text) => sum + Number(new RegExp(`^${name} (\\d+)`, 'm').exec(text)?.[1] ?? 0), 0)
}
