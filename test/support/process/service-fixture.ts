import { connect } from 'nats'
import { type NatsServer, publish, startNatsServer } from '../broker/nats-server.ts'
import { type DashboardClient, mistakesOf } from '../oracle/comparison.ts'
import { type History, type Published, historyOf } from '../oracle/history.ts'
import type { Dashboard, DashboardQuery } from '../oracle/oracle.ts'
import { type RunningService, type ServiceOptions, forget, startService } from './service.ts'
import { until } from './until.ts'

/** The store of the service, and the environment variables that select it. */
export interface Store {
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

export type StartStore = () => Promise<Store>

/** A broker, a store and the service on them, for one test file. */
export interface ServiceFixture {
  readonly nats: NatsServer
  /** The running process; `startAgain` replaces it. */
  service(): RunningService
  /** Starts another process on the same data and port, after the last one has exited. */
  startAgain(): Promise<void>
  close(): Promise<void>
}

export interface ServiceFixtureOptions extends Pick<ServiceOptions, 'env' | 'runtime'> {
  /** Starts the store of the service; the embedded engine by default. */
  readonly startStore?: StartStore
}

const MIB = 1_048_576

/** Starts a broker, a store and the service. */
export async function openServiceFixture({
  env = {},
  runtime = 'bun',
  startStore = () => Promise.resolve({ env: {}, stop: () => Promise.resolve() }),
}: ServiceFixtureOptions = {}): Promise<ServiceFixture> {
  const store = await startStore()
  const nats = await startNatsServer({ maxPayloadBytes: 4 * MIB })
  const options: ServiceOptions = { natsUrl: nats.url, env: { ...store.env, ...env }, runtime }
  let service = await startService(options)
  return {
    nats,
    service: () => service,
    async startAgain() {
      await service.exited
      service = await startService({ ...options, dataDir: service.dataDir, port: service.port })
    },
    async close() {
      await service.kill9()
      await nats.stop()
      await store.stop()
      forget(service)
    },
  }
}

const EVERYTHING: readonly [Dashboard, DashboardQuery][] = [
  ['overview', { timeRange: '90d' }],
  ['campaigns', { timeRange: '90d', limit: '100' }],
  ['workflows', { timeRange: '90d', limit: '100' }],
  ['sequences', { timeRange: '90d', limit: '100' }],
]

/** Differences in the totals of the last 90 days, over events of all kinds: those of the first dashboard that has any, since others would only repeat that events are missing. */
async function mistakesInTotals(service: DashboardClient, tenant: string, history: History): Promise<string[]> {
  for (const [dashboard, query] of EVERYTHING) {
    const found = await mistakesOf(service, tenant, history, dashboard, query)
    if (found.length > 0) return found
  }
  return []
}

/** Resolves when the totals of each tenant are those of the published events; throws an error with the differences after a timeout. */
export async function untilCounted(service: DashboardClient, published: readonly Published[], timeoutMs: number) {
  for (const tenant of new Set(published.map(([, envelope]) => envelope.tenantId))) {
    const history = historyOf(published, tenant)
    await until(
      async () => {
        const mistakes = await mistakesInTotals(service, tenant, history)
        if (mistakes.length > 0) throw new Error(mistakes.join('\n'))
        return true
      },
      timeoutMs,
      `the events of ${tenant} to be counted`,
    )
  }
}

/** Resolves when no published event waits for delivery or for its acknowledgement. */
export async function untilSettled(natsUrl: string): Promise<void> {
  const connection = await connect({ servers: natsUrl })
  try {
    const jetstream = await connection.jetstreamManager()
    await until(
      async () => {
        let consumers = 0
        for await (const { config } of jetstream.streams.list()) {
          for await (const consumer of jetstream.consumers.list(config.name)) {
            consumers++
            if (consumer.num_pending + consumer.num_ack_pending > 0) return false
          }
        }
        return consumers > 0
      },
      60_000,
      'the broker to have nothing left to deliver',
    )
  } finally {
    await connection.close()
  }
}

/** Publishes events and waits until the totals are exact and no event remains that could change them. */
export async function publishAndCount(fixture: ServiceFixture, published: readonly Published[], timeoutMs = 60_000) {
  await publish(fixture.nats.url, published)
  await untilSettled(fixture.nats.url)
  await untilCounted(fixture.service(), published, timeoutMs)
}
