/** From what was measured to what a million events cost, and from that to the machines for a rate. Only arithmetic: its assumptions stand in `ASSUMED`. */
import type { measurePublishing } from './capacity-publishing.ts'
import type { ServiceCost, StageCost } from './capacity-stage.ts'
import type { runOutages } from './outage-run.ts'

/** What a table takes on disk, merged. */
export interface StoreBytes {
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[]
  readonly projections: readonly { readonly projection: string; readonly bytes: number }[]
  readonly columns: readonly { readonly column: string; readonly bytes: number }[]
}

export interface Measured {
  readonly publishing: Awaited<ReturnType<typeof measurePublishing>>
  readonly embedded: StageCost
  readonly slow: StageCost
  readonly server: StageCost
  readonly sharing: StageCost
  readonly mixBytes: StoreBytes
  readonly historyBytes: StoreBytes
  readonly outages: Awaited<ReturnType<typeof runOutages>>
}

/** What nobody measured: chosen, for whoever orders machines to choose otherwise. */
export const ASSUMED = {
  /** Of a processor, at most. */
  utilisation: 0.6,
  retentionDays: 730,
  /** How far back the stream reaches, for outages and replays. */
  streamDays: 3,
  brokerReplicas: 3,
  storeReplicas: 2,
  /** Of a disk, at most: merges write parts anew before the old ones go. */
  diskFill: 0.7,
} as const

const MILLION = 1_000_000
const DAY_SECONDS = 86_400

export type Costs = ReturnType<typeof costsOf>

/** For a million events: processor seconds by part, and megabytes by wire and by disk. */
export function costsOf({ publishing, embedded, slow, server, sharing, mixBytes, historyBytes }: Measured) {
  const each = (amount: number, events: number) => amount / events
  const [alone, lone] = [embedded.services[0]!, server.services[0]!]
  // The router reads the whole stream, the others what they are passed.
  const [router, ...owners] = sharing.services.toSorted((a, b) => b.fromBroker - a.fromBroker)
  const passed = sharing.events - router!.stored
  const owned = sum(owners, 'stored')
  const publish = each(publishing.seconds, publishing.events)
  const loneEach = each(lone.seconds, server.events)
  const brokerOfOne = each(server.broker.seconds, server.events)
  const store = server.store!
  return {
    processorSeconds: {
      brokerTakes: round(publish),
      brokerDelivers: round(brokerOfOne - publish),
      embeddedService: round(each(alone.seconds, embedded.events)),
      embeddedServiceJavaScript: round(each(alone.ofMainThread, embedded.events)),
      embeddedServiceAtSlowRate: round(each(slow.services[0]!.seconds, slow.events)),
      service: round(loneEach),
      serviceJavaScript: round(each(lone.ofMainThread, server.events)),
      store: round(each(store.seconds, server.events)),
      storeEngine: round(each(store.seconds - store.ofMainThread, server.events)),
      routerPasses: round(each(router!.seconds - router!.stored * loneEach, passed)),
      routerPassesJavaScript: round(
        each(router!.ofMainThread - router!.stored * each(lone.ofMainThread, server.events), passed),
      ),
      owner: round(each(sum(owners, 'seconds'), owned)),
      ownerJavaScript: round(each(sum(owners, 'ofMainThread'), owned)),
      brokerPasses: round(each(sharing.broker.seconds - brokerOfOne * sharing.events, passed)),
    },
    networkMegabytes: {
      producersToBroker: round(each(publishing.toBroker, publishing.events)),
      brokerToProducers: round(each(publishing.fromBroker, publishing.events)),
      brokerToService: round(each(lone.fromBroker, server.events)),
      serviceToBroker: round(each(lone.toBroker, server.events)),
      serviceToStore: round(each(lone.toStore, server.events)),
      storeToService: round(each(lone.fromStore, server.events)),
      routerToBroker: round(each(router!.toBroker, passed)),
      brokerToOwner: round(each(sum(owners, 'fromBroker'), owned)),
    },
    storedMegabytes: {
      payload: round(each(publishing.payloadBytes, publishing.events)),
      stream: round(each(publishing.streamBytes, publishing.events)),
      store: perRow(historyBytes),
      storeOfMix: perRow(mixBytes),
    },
  }
}

/** Events a second at which one thread, of which there is one, is wholly busy. */
export function ceilingsOf({ processorSeconds }: Costs) {
  const at = (seconds: number) => Math.round(MILLION / seconds)
  return {
    service: at(processorSeconds.serviceJavaScript),
    owner: at(processorSeconds.ownerJavaScript),
    router: at(processorSeconds.routerPassesJavaScript),
    /** As if the broker took the messages of one stream one after the other, and in nothing else. */
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
    serviceProcessors: processors(isAlone ? cpu.service : cpu.owner + cpu.routerPasses),
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

/** To three digits: more was not measured. */
function round(value: number): number {
  return Number(value.toPrecision(3))
}
