/**
 * The real parts of a fault run: a broker, a store, the service between them, wires that can be damaged, a producer. A scenario damages; `recover` mends everything and
 * waits until nothing is left to do; `findDifferences` compares what is stored with what has to be.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'nats'
import { SUBJECTS } from '../../src/events/catalogue.ts'
import { addStream } from '../../src/nats/ensure-stream.ts'
import { type ClickHouseFront, startClickHouseFront } from '../support/clickhouse-front/start.ts'
import { type NatsCluster, startNatsCluster } from '../support/broker/nats-cluster.ts'
import { type NatsServer, startNatsServer } from '../support/broker/nats-server.ts'
import type { Chance } from '../support/base/random.ts'
import { startTcpProxy, type TcpProxy } from '../support/broker/tcp-proxy.ts'
import { until } from '../support/process/until.ts'
import { isDrained } from './drained.ts'
import { Load } from './load/load.ts'
import type { Mutant } from './mutants.ts'
import { ServiceProcess } from './processes/service-process.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

/** The longest time until everything is settled, and in addition per published event: when its position in the stream is lost, the service reads the whole stream again. */
const DRAIN_MS = 600_000
const DRAIN_MS_PER_EVENT = 0.15
const CLUSTER_MS = 30_000

export interface FaultContextOptions {
  readonly store: 'embedded' | 'server'
  readonly chance: Chance
  readonly mutant?: Mutant
  readonly env?: Readonly<Record<string, string>>
  readonly runtime?: 'bun' | 'deno'
  /** So many processes of the service; one by default. */
  readonly serviceCount?: number
  /** Makes the broker three servers: `context.cluster`. */
  readonly isCluster?: boolean
  /** Puts the broker's, or the service's, directory on a disk of so many MB. */
  readonly brokerDiskMb?: number
  readonly serviceDiskMb?: number
  /** Called with each thing that is done. */
  readonly log: (what: string) => void
}

export class FaultContext {
  readonly chance: Chance
  /** The first of them, where there are several. */
  readonly broker: NatsServer
  readonly brokerWire: TcpProxy
  readonly services: readonly ServiceProcess[]
  readonly load: Load
  readonly storeWire: TcpProxy | undefined
  /** Where the scenario asks for them. */
  readonly brokerDisk: SmallDisk | undefined
  readonly serviceDisk: SmallDisk | undefined
  /** How often each thing was done. */
  readonly done = new Map<string, number>()
  readonly #log: (what: string) => void
  readonly #storePath: string | undefined
  readonly #storePort: number
  readonly #cluster: NatsCluster | undefined
  #front: ClickHouseFront | undefined
  #isFrontDown = false
  #pausedPids = new Set<number>()

  private constructor(options: FaultContextOptions, parts: Parts) {
    this.chance = options.chance
    this.#log = options.log
    this.broker = parts.broker
    this.brokerWire = parts.brokerWire
    this.services = parts.services
    this.storeWire = parts.storeWire
    this.brokerDisk = parts.brokerDisk
    this.serviceDisk = parts.serviceDisk
    this.#front = parts.front
    this.#storePath = parts.front?.path
    this.#storePort = parts.front ? Number(new URL(parts.front.url).port) : 0
    this.#cluster = parts.cluster
    this.load = new Load(this.brokerUrls, options.chance)
  }

  static async make(options: FaultContextOptions): Promise<FaultContext> {
    const brokerDir = mkdtempSync(join(tmpdir(), 'outreach-faults-nats-'))
    const brokerDisk = options.brokerDiskMb ? mountSmallDisk(brokerDir, options.brokerDiskMb) : undefined
    const cluster = options.isCluster ? await startNatsCluster() : undefined
    const broker = cluster?.members[0] ?? (await startNatsServer({ dir: brokerDir }))
    const connection = await connect({ servers: broker.url })
    const jsm = await connection.jetstreamManager()
    // A cluster that has just begun does not know all of its servers yet.
    await until(() => addStream(jsm, { name: 'EVENTS', subjects: [...SUBJECTS] }), CLUSTER_MS, 'the stream')
    await connection.close()
    const brokerWire = await startTcpProxy(broker.port)
    const front =
      options.store === 'server'
        ? await startClickHouseFront({ path: mkdtempSync(join(tmpdir(), 'outreach-faults-store-')) })
        : undefined
    const storeWire = front && (await startTcpProxy(Number(new URL(front.url).port)))
    const env = { ...(storeWire ? { CLICKHOUSE_URL: `http://127.0.0.1:${storeWire.port}` } : {}), ...options.env }
    const preload = options.mutant && join(import.meta.dir, 'mutants', `${options.mutant}.ts`)
    const natsUrl = cluster?.urls ?? `nats://127.0.0.1:${brokerWire.port}`
    const services: ServiceProcess[] = []
    for (let count = options.serviceCount ?? 1; count > 0; count--)
      services.push(await ServiceProcess.make({ natsUrl, env, preload, runtime: options.runtime ?? 'bun' }))
    const serviceDisk = options.serviceDiskMb ? mountSmallDisk(services[0]!.dataDir, options.serviceDiskMb) : undefined
    return new FaultContext(options, {
      broker,
      cluster,
      brokerWire,
      services,
      front,
      storeWire,
      brokerDisk,
      serviceDisk,
    })
  }

  /** The first of them, where there are several. */
  get service(): ServiceProcess {
    return this.services[0]!
  }

  /** Waits until every process of the service is ready, and starts those that have ended. */
  async ready(): Promise<void> {
    for (const service of this.services) await service.ready()
  }

  get cluster(): NatsCluster {
    if (!this.#cluster) throw new Error('The scenario asks for no cluster.')
    return this.#cluster
  }

  get brokerUrls(): readonly string[] {
    return (this.#cluster?.members ?? [this.broker]).map(({ url }) => url)
  }

  /** Tells what was seen. */
  tell(what: string): void {
    this.#log(what)
  }

  /** Counts and tells what is done to the parts. */
  note(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1)
    this.#log(what)
  }

  get front(): ClickHouseFront {
    if (!this.#front) throw new Error('The embedded store has no server.')
    return this.#front
  }

  /** What the server's store answers. */
  async ask<Row>(sql: string): Promise<Row[]> {
    const url = `${this.front.url}/?database=analytics&default_format=JSONEachRow`
    const response = await fetch(url, { method: 'POST', body: sql })
    const text = await response.text()
    if (!response.ok) throw new Error(text)
    const lines = text.split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Row)
  }

  async killFront(): Promise<void> {
    this.#isFrontDown = true
    await this.#front?.kill()
  }

  async startFront(): Promise<void> {
    if (!this.#isFrontDown || this.#storePath === undefined) return
    this.#front = await startClickHouseFront({ path: this.#storePath, port: this.#storePort })
    this.#isFrontDown = false
  }

  pause(pid: number): void {
    this.#pausedPids.add(pid)
    process.kill(pid, 'SIGSTOP')
  }

  resume(pid: number): void {
    this.#pausedPids.delete(pid)
    try {
      process.kill(pid, 'SIGCONT')
    } catch {
      // Killed meanwhile.
    }
  }

  /** Mends everything, then waits until every message of the stream is settled. */
  async recover(): Promise<void> {
    for (const pid of this.#pausedPids) this.resume(pid)
    for (const service of this.services) service.signal('SIGCONT')
    this.serviceDisk?.free()
    this.brokerDisk?.free()
    for (const wire of [this.brokerWire, this.storeWire]) {
      wire?.delay(0)
      wire?.swallow(false)
      wire?.refuse(false)
    }
    await this.startFront()
    await this.#front?.clearFaults()
    await this.ready()
  }

  async drain(): Promise<void> {
    await until(
      async () => {
        const connection = await connect({ servers: [...this.brokerUrls], timeout: 2_000 })
        try {
          return await isDrained(connection)
        } finally {
          await connection.close()
        }
      },
      DRAIN_MS + this.load.lastNumber * DRAIN_MS_PER_EVENT,
      'the stream to be settled',
    ).catch((error: unknown) => {
      throw new Error([String(error), ...this.services.map((service) => service.log().slice(-3_000))].join('\n'))
    })
  }

  async end(): Promise<void> {
    for (const service of this.services) await service.kill()
    if (!this.#isFrontDown) await this.#front?.stop()
    await this.storeWire?.close()
    await this.brokerWire.close()
    await (this.#cluster ?? this.broker).stop()
    this.brokerDisk?.unmount()
    this.serviceDisk?.unmount()
    rmSync(this.broker.dir, { recursive: true, force: true })
    for (const service of this.services) service.forget()
    if (this.#storePath !== undefined) rmSync(this.#storePath, { recursive: true, force: true })
  }
}

interface Parts {
  readonly broker: NatsServer
  readonly cluster: NatsCluster | undefined
  readonly brokerWire: TcpProxy
  readonly services: readonly ServiceProcess[]
  readonly front: ClickHouseFront | undefined
  readonly storeWire: TcpProxy | undefined
  readonly brokerDisk: SmallDisk | undefined
  readonly serviceDisk: SmallDisk | undefined
}
