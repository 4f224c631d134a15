/** Calculates the cost of a million events from the measurements, and from that the machines for a rate. The assumptions are in `ASSUMED`. */
import type { measurePublishing } from './capacity-publishing.ts'
import type { ServiceCost, DeploymentCost } from './capacity-deployment.ts'
import type { runOutages } from './outage-run.ts'

/** Bytes of a table on disk, after merges. */
export interface StoreBytes {
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[]
  readonly projections: readonly { readonly projection: string; readonly bytes: number }[]
  readonly columns: readonly { readonly column: string; readonly bytes: number }[]
}

export interface Measured {
  readonly publishing: Awaited<ReturnType<typeof measurePublishing>>
  readonly embedded: DeploymentCost
  readonly slow: DeploymentCost
  readonly server: DeploymentCost
  readonly sharing: DeploymentCost
  readonly mixBytes: StoreBytes
  readonly historyBytes: StoreBytes
  readonly outages: Awaited<ReturnType<typeof runOutages>>
}

/** Assumptions that were not measured; adjust them to your own requirements. */
export const ASSUMED = {
  /** Maximum utilisation of a processor. */
  utilisation: 0.6,
  retentionDays: 730,
  /** Retention of the stream, for outages and replays. */
  streamDays: 3,
  brokerReplicas: 3,
  storeReplicas: 2,
  /** Maximum utilisation of a disk: a merge writes the new part before it removes the old ones. */
  diskFill: 0.7,
} as const

const MILLION = 1_000_000
const DAY_SECONDS = 86_400

export type Costs = ReturnType<typeof costsOf>

/** Costs per million events: processor seconds per component, megabytes per connection and per disk. */
export function costsOf({ publishing, embedded, slow, server, sharing, mixBytes, historyBytes }: Measured) {
  const seconds = (used: number, events: number) => (used / events) * MILLION
  // Bytes per event equal megabytes per million events.
  const megabytes = (bytes: number, events: number) => round(bytes / events)
  const [alone, lone, engine] = [embedded.services[0]!, server.services[0]!, server.store!]
  // The router reads the whole stream; the other processes read the events that it forwards.
  const [router, ...owners] = sharing.services.toSorted((a, b) => b.fromBroker - a.fromBroker)
  const passed = sharing.events - router!.stored
  const owned = sum(owners, 'stored')
  const takes = seconds(publishing.seconds, publishing.events)
  const brokerOfOne = seconds(server.broker.seconds, server.events)
  /** The usage of the router, minus the cost of storing its own partitions, which is estimated from the other processes. */
  const passes = (figure: 'seconds' | 'ofMainThread') =>
    round(seconds(router![figure] - (router!.stored * sum(owners, figure)) / owned, passed))
  return {
    processorSeconds: {
      brokerTakes: round(takes),
      brokerDelivers: round(brokerOfOne - takes),
      embeddedService: round(seconds(alone.seconds, embedded.events)),
      embeddedServiceJavaScript: round(seconds(alone.ofMainThread, embedded.events)),
      embeddedServiceAtSlowRate: round(seconds(slow.services[0]!.seconds, slow.events)),
      service: round(seconds(lone.seconds, server.events)),
      serviceJavaScript: round(seconds(lone.ofMainThread, server.events)),
      store: round(seconds(engine.seconds, server.events)),
      storeEngine: round(seconds(engine.seconds - engine.ofMainThread, server.events)),
      routerPasses: passes('seconds'),
      routerPassesJavaScript: passes('ofMainThread'),
      owner: round(seconds(sum(owners, 'seconds'), owned)),
      ownerJavaScript: round(seconds(sum(owners, 'ofMainThread'), owned)),
      brokerPasses: round(seconds(sharing.broker.seconds - (brokerOfOne * sharing.events) / MILLION, passed)),
    },
    networkMegabytes: {
      producersToBroker: megabytes(publishing.toBroker, publishing.events),
      brokerToProducers: megabytes(publishing.fromBroker, publishing.events),
      brokerToService: megabytes(lone.fromBroker, server.events),
      serviceToBroker: megabytes(lone.toBroker, server.events),
      serviceToStore: megabytes(lone.toStore, server.events),
      storeToService: megabytes(lone.fromStore, server.events),
      routerToBroker: megabytes(router!.toBroker, passed),
      brokerToOwner: megabytes(sum(owners, 'fromBroker'), owned),
    },
    storedMegabytes: {
      payload: megabytes(publishing.payloadBytes, publishing.events),
      stream: megabytes(publishing.streamBytes, publishing.events),
      store: perRow(historyBytes),
      storeOfMix: perRow(mixBytes),
    },
  }
}

/** Events per second at which the main thread of a process is fully busy. */
export function ceilingsOf({ processorSeconds }: Costs) {
  const at = (seconds: number) => Math.round(MILLION / seconds)
  return {
    service: at(processorSeconds.serviceJavaScript),
    owner: at(processorSeconds.ownerJavaScript),
    router: at(processorSeconds.routerPassesJavaScript),
    /** Assumes that the broker processes the messages of one stream sequentially, and only those. */
    stream: at(processorSeconds.brokerTakes),
  }
}

export function machinesFor(rate: number, costs: Costs) {
  const { utilisation, retentionDays, streamDays, brokerReplicas, storeReplicas, diskFill } = ASSUMED
  const { processorSeconds: cpu, networkMegabytes: wire, storedMegabytes: stored } = costs
  const ceilings = ceilingsOf(costs)
  const isAlone = rate <= ceilings.service * utilisation
  const processors = (seconds: number) => round(((rate / MILLION) * seconds) / utilisation)
  const terabytes = (megabytes: number, days: number) =>
    round(((rate / MILLION) * megabytes * days * DAY_SECONDS) / MILLION / diskFill)
  const gigabits = (megabytes: number) => round(((rate / MILLION) * megabytes * 8) / 1_000)
  const environments = isAlone ? 1 : Math.ceil(rate / (Math.min(ceilings.router, ceilings.stream) * utilisation))
  return {
    rate,
    environments,
    processes: isAlone ? 1 : environments + Math.ceil(rate / (ceilings.owner * utilisation)),
    // Small blocks cost more: the figure for one process was measured at a low rate and includes the engine.
    serviceProcessors: processors(isAlone ? cpu.embeddedServiceAtSlowRate : cpu.owner + cpu.routerPasses),
    // The alternative to processes that share an environment: enough environments for one process each.
    environmentsOfOne: Math.ceil(rate / (ceilings.service * utilisation)),
    serviceProcessorsOfOne: processors(isAlone ? cpu.embeddedServiceAtSlowRate : cpu.service),
    brokerProcessors: processors(
      cpu.brokerTakes * brokerReplicas + cpu.brokerDelivers + (isAlone ? 0 : cpu.brokerPasses * brokerReplicas),
    ),
    storeProcessors: processors(cpu.store * storeReplicas),
    brokerTerabytes: terabytes(stored.stream * brokerReplicas, streamDays),
    storeTerabytes: terabytes(stored.store * storeReplicas, retentionDays),
    brokerGigabits: gigabits(
      wire.producersToBroker * brokerReplicas +
        wire.brokerToService +
        (isAlone ? 0 : wire.routerToBroker * brokerReplicas + wire.brokerToOwner),
    ),
    storeGigabits: gigabits(wire.serviceToStore * storeReplicas),
  }
}

function perRow({ tables }: StoreBytes): number {
  const { rows } = tables.find(({ table }) => table === 'analytics_events')!
  return round(tables.reduce((all, { bytes }) => all + bytes, 0) / rows)
}

function sum(services: readonly ServiceCost[], figure: 'seconds' | 'ofMainThread' | 'stored' | 'fromBroker'): number {
  return services.reduce((all, service) => all + service[figure], 0)
}

/** Rounds to three digits, the precision of the measurements. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}
