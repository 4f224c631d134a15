/** Measures one deployment of the service with the events of the simulator: the cost per event of each process, and the bytes on each connection. */
import { loadavg } from 'node:os'
import { PARTITION_COUNT } from '../../../src/cluster/cluster-state.ts'
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { startNatsServer } from '../../support/broker/nats-server.ts'
import { forget, type RunningService, startService } from '../../support/process/service.ts'
import { startTcpProxy, type TcpProxy } from '../../support/broker/tcp-proxy.ts'
import { pause, until } from '../../support/process/until.ts'
import { cpuSeconds, mainThreadSeconds, watchResident } from '../measure/process-usage.ts'
import { addEventStream, publishLoad, type ReadyEvent } from './simulated-load.ts'

/** The idle usage is the minimum of several samples of one second, because other processes may use the machine. */
const IDLE_SAMPLES = 6
const POLL_MS = 1_000
const TIMEOUT_MS = 300_000
/** The cost includes merges, which have ended when each process uses less than this in two seconds. */
const QUIET_SECONDS = 0.1
const REMOVED = 'lost cluster membership'

export interface Deployment {
  readonly store: 'embedded' | 'server'
  readonly processes: number
  /** By default as fast as the broker acknowledges. */
  readonly perSecond?: number
  /** Stored before the measurement, so that the runtime has compiled the code. */
  readonly warmUp: readonly ReadyEvent[]
  readonly events: readonly ReadyEvent[]
  /** Called with the data directory of the embedded engine after the service has exited. */
  readonly onEnded?: (dataDir: string) => Promise<void>
}

/** Processor seconds without the idle usage of the process; `ofMainThread` is the part of the thread that runs JavaScript. */
export interface Cost {
  readonly seconds: number
  readonly ofMainThread: number
  /** Processors used while idle. */
  readonly atRest: number
}

export interface ServiceCost extends Cost {
  readonly stored: number
  /** How often the process lost its cluster membership. This happens to a process without processor time for seconds and makes the figures less reliable. */
  readonly removals: number
  readonly peakResidentMiB: number
  /** Bytes in both directions on the connections to the broker and to the store. */
  readonly fromBroker: number
  readonly toBroker: number
  readonly toStore: number
  readonly fromStore: number
}

export interface DeploymentCost {
  readonly events: number
  /** From the first published event until all events are stored, and until the merges have ended. */
  readonly seconds: number
  readonly wholeSeconds: number
  /** The average number of runnable processes on the machine, including unrelated ones. */
  readonly loadAverage: number
  readonly eventsPerBlock: number
  readonly broker: Cost
  /** The engine with its HTTP front; undefined when the engine runs in the process of the service. */
  readonly store: Cost | undefined
  readonly services: readonly ServiceCost[]
}

interface Watched {
  readonly service: RunningService
  readonly toBroker: TcpProxy
  readonly toStore: TcpProxy | undefined
}

export async function measureDeployment(deployment: Deployment): Promise<DeploymentCost> {
  const nats = await startNatsServer()
  await addEventStream(nats.url)
  const front = deployment.store === 'server' ? await startClickHouseFront() : undefined
  const watched: Watched[] = []
  try {
    for (let index = 0; index < deployment.processes; index++) watched.push(await startWatched(nats.port, front?.url))
    await until(() => isShared(watched), 60_000, 'the processes to share the partitions')
    await publishLoad(nats.url, deployment.warmUp)
    await allStored(watched, deployment.warmUp.length)
    const pids = [nats.pid, ...(front ? [front.pid] : []), ...watched.map(({ service }) => service.pid)]
    await untilQuiet(pids)
    return await measure(deployment, nats, front?.pid, watched)
  } finally {
    for (const { service, toBroker, toStore } of watched) {
      await service.stop()
      await deployment.onEnded?.(service.dataDir)
      forget(service)
      await toBroker.close()
      await toStore?.close()
    }
    await front?.stop()
    await nats.stop()
  }
}

async function startWatched(brokerPort: number, storeUrl: string | undefined): Promise<Watched> {
  const toBroker = await startTcpProxy(brokerPort)
  const toStore = storeUrl === undefined ? undefined : await startTcpProxy(Number(new URL(storeUrl).port))
  const service = await startService({
    natsUrl: `nats://127.0.0.1:${toBroker.port}`,
    env: toStore ? { CLICKHOUSE_URL: `http://127.0.0.1:${toStore.port}` } : {},
  })
  return { service, toBroker, toStore }
}

async function measure(
  { events, warmUp, perSecond }: Deployment,
  nats: { readonly url: string; readonly pid: number },
  storePid: number | undefined,
  watched: readonly Watched[],
): Promise<DeploymentCost> {
  const pids = [nats.pid, ...(storePid === undefined ? [] : [storePid]), ...watched.map(({ service }) => service.pid)]
  const usage = () => new Map(pids.map((pid) => [pid, [cpuSeconds(pid), mainThreadSeconds(pid)] as const]))
  const samples = [usage()]
  for (let sample = 0; sample < IDLE_SAMPLES; sample++) {
    await pause(1_000)
    samples.push(usage())
  }
  const before = samples.at(-1)!
  const wires = watched.map(wireBytes)
  const storedBefore = await Promise.all(watched.map(({ service }) => metric(service, 'analytics_events_stored_total')))
  const blocksBefore = await sumOf(watched, 'analytics_flush_size_count')
  const removalsBefore = watched.map(removals)
  const residents = watched.map(({ service }) => watchResident(service.pid))
  const startedAt = performance.now()
  await publishLoad(nats.url, events, perSecond === undefined ? {} : { perSecond })
  await allStored(watched, warmUp.length + events.length)
  const seconds = (performance.now() - startedAt) / 1_000
  await untilQuiet(pids)
  const wholeSeconds = (performance.now() - startedAt) / 1_000
  const after = usage()
  const peaks = residents.map((peak) => peak())
  const blocks = (await sumOf(watched, 'analytics_flush_size_count')) - blocksBefore

  const costOf = (pid: number): Cost => {
    const part = (index: 0 | 1) => {
      const atRest = Math.min(
        ...samples.slice(1).map((now, sample) => now.get(pid)![index] - samples[sample]!.get(pid)![index]),
      )
      return { atRest, seconds: after.get(pid)![index] - before.get(pid)![index] - atRest * wholeSeconds }
    }
    const [all, main] = [part(0), part(1)]
    return { seconds: hundredths(all.seconds), ofMainThread: hundredths(main.seconds), atRest: hundredths(all.atRest) }
  }
  const services = await Promise.all(
    watched.map(async (one, index): Promise<ServiceCost> => {
      const now = wireBytes(one)
      const grown = (wire: keyof typeof now) => now[wire] - wires[index]![wire]
      return {
        ...costOf(one.service.pid),
        stored: (await metric(one.service, 'analytics_events_stored_total')) - storedBefore[index]!,
        removals: removals(one) - removalsBefore[index]!,
        peakResidentMiB: peaks[index]!,
        fromBroker: grown('fromBroker'),
        toBroker: grown('toBroker'),
        toStore: grown('toStore'),
        fromStore: grown('fromStore'),
      }
    }),
  )
  return {
    events: events.length,
    seconds: hundredths(seconds),
    wholeSeconds: hundredths(wholeSeconds),
    loadAverage: hundredths(loadavg()[0]!),
    eventsPerBlock: Math.round(events.length / blocks),
    broker: costOf(nats.pid),
    store: storePid === undefined ? undefined : costOf(storePid),
    services,
  }
}

export const hundredths = (value: number) => Math.round(value * 100) / 100

function removals({ service }: Watched): number {
  return service.log().split(REMOVED).length - 1
}

function wireBytes({ toBroker, toStore }: Watched) {
  return {
    fromBroker: toBroker.bytes.toClient,
    toBroker: toBroker.bytes.toServer,
    toStore: toStore?.bytes.toServer ?? 0,
    fromStore: toStore?.bytes.toClient ?? 0,
  }
}

export async function metric(service: RunningService, name: string): Promise<number> {
  const { text } = await service.get('/metrics')
  return Number(new RegExp(`^${name} ([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
}

async function sumOf(watched: readonly Watched[], name: string): Promise<number> {
  const values = await Promise.all(watched.map(({ service }) => metric(service, name)))
  return values.reduce((a, b) => a + b)
}

/** Whether all processes have their share of the partitions: the router gets about half of a share. */
async function isShared(watched: readonly Watched[]): Promise<boolean> {
  if (watched.length === 1) return true
  const held = await Promise.all(watched.map(({ service }) => metric(service, 'analytics_cluster_partitions')))
  return (
    held.reduce((a, b) => a + b) === PARTITION_COUNT &&
    Math.max(...held) <= Math.ceil(PARTITION_COUNT / (watched.length - 0.5))
  )
}

async function allStored(watched: readonly Watched[], count: number): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS
  while ((await sumOf(watched, 'analytics_events_stored_total')) < count) {
    if (performance.now() > deadline) throw new Error('Not everything was stored in time.')
    await pause(POLL_MS)
  }
}

async function untilQuiet(pids: readonly number[]): Promise<void> {
  const used = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  for (let sample = 0; sample < 20; sample++) {
    const before = used()
    await pause(2_000)
    if (used() - before < QUIET_SECONDS * pids.length) return
  }
}
