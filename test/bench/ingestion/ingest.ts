/**
 * Measures the speed at which events of a backlog become queryable: the whole service on the embedded engine, compared with a bare consumer that only reads and parses
 * the same stream, and with a straightforward implementation of ingestion.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startClickHouseFront } from '../../support/clickhouse-front/start.ts'
import { START_SETTINGS } from '../../support/process/runtime-settings.ts'
import { perSecond, ratio, startBacklog, timeConsumer } from './backlog.ts'
import { type Drain, drain } from './drain.ts'
import { median } from '../measure/machine.ts'

export interface Backlog {
  readonly events: number
  readonly tenants: number
  readonly runs: number
}

/** Runs the bare consumer and the service alternately over one stream; returns the ratio of each pair. */
export async function benchIngest({ events, tenants, runs }: Backlog) {
  const nats = await startBacklog(events, tenants)
  const pairs: { bareEventsPerSecond: number; serviceEventsPerSecond: number; ratio: number; drain: Drain }[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const bare = await timeConsumer('ingestion/bare-consumer.ts', nats, [String(events), `bare-${run}`])
      const drained = await drain(nats, events, `service-${run}`)
      const [bareEventsPerSecond, serviceEventsPerSecond] = [
        perSecond(events, bare.seconds),
        perSecond(events, drained.seconds),
      ]
      const pair = {
        bareEventsPerSecond,
        serviceEventsPerSecond,
        ratio: ratio(serviceEventsPerSecond, bareEventsPerSecond),
        drain: drained,
      }
      process.stderr.write(`${JSON.stringify(pair)}\n`)
      pairs.push(pair)
    }
  } finally {
    await nats.stop()
  }
  return {
    events,
    tenants,
    bareEventsPerSecond: median(pairs.map((pair) => pair.bareEventsPerSecond)),
    serviceEventsPerSecond: median(pairs.map((pair) => pair.serviceEventsPerSecond)),
    ratio: median(pairs.map((pair) => pair.ratio)),
    cpuMicrosPerEvent: median(pairs.map((pair) => pair.drain.cpuMicrosPerEvent)),
    cpuMicrosPerEventByThread: mediansByName(pairs.map((pair) => pair.drain.cpuMicrosPerEventByThread)),
    peakResidentMiB: median(pairs.map((pair) => pair.drain.peakResidentMiB)),
    runs: pairs,
  }
}

/** The median of each name; a name that a run lacks counts as 0 there. */
function mediansByName(runs: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(runs.flatMap((run) => Object.keys(run)))
  return Object.fromEntries([...names].map((name) => [name, median(runs.map((run) => run[name] ?? 0))]))
}

/** Compares the service with the straightforward implementation over the same backlog: its inserts become slower as the parts and merges of the earlier ones add up. */
export async function benchStraightforward({ events, tenants, runs }: Backlog) {
  const nats = await startBacklog(events, tenants)
  const pairs: { straightforwardEventsPerSecond: number; serviceEventsPerSecond: number; ratio: number }[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const directory = mkdtempSync(join(tmpdir(), 'outreach-bench-'))
      const simple = await timeConsumer(
        'ingestion/straightforward-consumer.ts',
        nats,
        [String(events), `simple-${run}`, directory],
        // The runtime and the engine get the settings of the service.
        START_SETTINGS,
      )
      rmSync(directory, { recursive: true, force: true })
      const drained = await drain(nats, events, `service-${run}`)
      const straightforwardEventsPerSecond = perSecond(events, simple.seconds)
      const serviceEventsPerSecond = perSecond(events, drained.seconds)
      pairs.push({
        straightforwardEventsPerSecond,
        serviceEventsPerSecond,
        ratio: ratio(serviceEventsPerSecond, straightforwardEventsPerSecond),
      })
      process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
    }
  } finally {
    await nats.stop()
  }
  return { events, tenants, ratio: median(pairs.map((pair) => pair.ratio)), runs: pairs }
}

/** Compares many tenants with few, alternately, over the same number of events. */
export async function benchTenants({ events, tenants, runs }: Backlog, fewTenants: number) {
  const [many, few] = [await startBacklog(events, tenants), await startBacklog(events, fewTenants)]
  const pairs: { ratio: number; insertsPerSecond: number; parts: number; many: Drain; few: Drain }[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const fewDrain = await drain(few, events, `few-${run}`)
      const manyDrain = await drain(many, events, `many-${run}`)
      pairs.push({
        ratio: ratio(fewDrain.seconds, manyDrain.seconds),
        insertsPerSecond: ratio(manyDrain.inserts, manyDrain.seconds),
        parts: manyDrain.parts!,
        many: manyDrain,
        few: fewDrain,
      })
      process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
    }
  } finally {
    await many.stop()
    await few.stop()
  }
  return {
    events,
    tenants,
    fewTenants,
    ratio: median(pairs.map((pair) => pair.ratio)),
    insertsPerSecond: median(pairs.map((pair) => pair.insertsPerSecond)),
    parts: median(pairs.map((pair) => pair.parts)),
    runs: pairs,
  }
}

/** Compares a backlog in which each message is complete before the next one begins with one in which every delivery, open and click finds facts that were stored long before. */
export async function benchFacts({ events, tenants, runs }: Backlog) {
  const [whole, scattered] = [
    await startBacklog(events, tenants),
    await startBacklog(events, tenants, { isScattered: true }),
  ]
  const pairs: { ratio: number; whole: Drain; scattered: Drain }[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const wholeDrain = await drain(whole, events, `whole-${run}`)
      const scatteredDrain = await drain(scattered, events, `scattered-${run}`)
      pairs.push({
        ratio: ratio(wholeDrain.seconds, scatteredDrain.seconds),
        whole: wholeDrain,
        scattered: scatteredDrain,
      })
      process.stderr.write(`${JSON.stringify(pairs.at(-1))}\n`)
    }
  } finally {
    await whole.stop()
    await scattered.stop()
  }
  return {
    events,
    tenants,
    ratio: median(pairs.map((pair) => pair.ratio)),
    cpuMicrosPerEvent: median(pairs.map(({ whole: { cpuMicrosPerEvent } }) => cpuMicrosPerEvent)),
    cpuMicrosPerScatteredEvent: median(pairs.map((pair) => pair.scattered.cpuMicrosPerEvent)),
    factsMicrosPerEvent: median(pairs.map(({ whole: { stages } }) => stages.facts.microsPerEvent)),
    runs: pairs,
  }
}

/** The settings of the container: see the Dockerfile. */
const CONTAINER = { INGEST_MEMORY_MB: '32', BUN_JSC_forceRAMSize: '500000000' }

/** Measures the memory of the service with the settings of the container, against a ClickHouse server, while it drains a backlog. */
export async function benchServerMemory({ events, tenants, runs }: Backlog) {
  const nats = await startBacklog(events, tenants)
  const drains: Drain[] = []
  try {
    for (let run = 1; run <= runs; run++) {
      const front = await startClickHouseFront()
      const env = { CLICKHOUSE_URL: front.url, ...CONTAINER }
      drains.push(await drain(nats, events, `server-${run}`, { env }))
      await front.stop()
      process.stderr.write(`${JSON.stringify(drains.at(-1))}\n`)
    }
  } finally {
    await nats.stop()
  }
  return { events, tenants, peakResidentMiB: median(drains.map((one) => one.peakResidentMiB)), runs: drains }
}
