/**
 * The composition root: builds every part once, starts them in order, stops them in reverse. It knows no runtime: files, child processes and the environment
 * come in from the entry.
 */
import type { NatsConnection } from 'nats'
import { aborted, backoffMs, type Clock, sleep } from './clock.ts'
import { type Migration, migrate } from './clickhouse/migrate.ts'
import type { Store } from './clickhouse/connect.ts'
import { type ApiKeyStore, createApiKeyStore } from './clickhouse/api-keys.ts'
import { createQueryPort } from './clickhouse/query.ts'
import { createAuditStore } from './clickhouse/request-audit.ts'
import { StoreCheck } from './clickhouse/store-check.ts'
import type { Config } from './config.ts'
import { DataVersions } from './data-versions.ts'
import { StartFailure } from './errors.ts'
import { createEventSide, type EventSide } from './event-side.ts'
import { startEventLoopMonitor } from './event-loop-monitor.ts'
import { type App, type AppSurroundings, createApp } from './http/app.ts'
import { ApiKeyRing } from './http/api-key-ring.ts'
import { type Authenticate, createAuthenticator } from './http/auth.ts'
import { AuditTrail } from './http/audit-trail.ts'
import type { ReadinessPart } from './http/operations.ts'
import { ledgerSentence, measureIngestion } from './ingest/measure.ts'
import { startJobs } from './jobs/jobs.ts'
import { LiveHub } from './live/live-hub.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'
import { connectNats, type NatsCredentials } from './nats/connection.ts'
import { ensureDeadLetterStream } from './nats/topology.ts'
import { SharedEventSide } from './shared-event-side.ts'
import { connectStore } from './store-side.ts'
import { type Counter, type Gauge, renderMetrics } from './telemetry.ts'
import { Turns } from './turns.ts'
import type { ReportUnexpectedError } from './unexpected-errors.ts'
import { upkeepJobs } from './upkeep.ts'

/** Tools may write to a server beside the service: so long an answer may be given again though it is an old one, and so long a live stream may not know. */
const UNSEEN_WRITES_MS = 5_000

/** What the machine gives. */
export interface Surroundings extends AppSurroundings {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly report: ReportUnexpectedError
  readonly migrations: readonly Migration[]
  /** Where the embedded engine keeps its data. */
  readonly enginePath: string
  /** The broker's address; the local server is started for it when none is configured. */
  readonly natsServers: readonly string[]
  readonly natsCredentials: NatsCredentials
  /** The metrics of this process, measured at each call. */
  readonly processMetrics: () => readonly (Counter | Gauge)[]
  /** The HS256 key, configured or made for development. */
  readonly jwtSecret: string | undefined
}

export class Service {
  readonly app: App
  /** For the commands, which reach the embedded engine through this process. */
  readonly apiKeys: ApiKeyStore
  readonly #config: Config
  readonly #surroundings: Surroundings
  readonly #metrics: Metrics
  readonly #store: Store
  readonly #versions: DataVersions
  readonly #live: LiveHub
  readonly #turns = new Turns()
  readonly #stopped = new AbortController()
  #isMigrated = false
  readonly #storeCheck: StoreCheck
  readonly #trail: AuditTrail
  #nats: NatsConnection | undefined
  #eventSide: EventSide | undefined
  #stopJobs: (() => Promise<void>) | undefined
  #starting: Promise<void> | undefined

  /** Opens the store (a server is not asked yet) and makes the app. Rejects with a StartFailure when the embedded engine cannot be opened. */
  static async create(config: Config, surroundings: Surroundings): Promise<Service> {
    const store = await connectStore(config, { enginePath: surroundings.enginePath, writer: config.natsConsumer })
    const apiKeys = createApiKeyStore(store)
    const { jwtPublicKey: publicKey, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config
    const authenticate = await createAuthenticator(
      { secret: surroundings.jwtSecret, publicKey, jwksUrl, issuer, audience },
      new ApiKeyRing(apiKeys, surroundings.clock),
    )
    return new Service(config, surroundings, store, apiKeys, authenticate)
  }

  private constructor(
    config: Config,
    surroundings: Surroundings,
    store: Store,
    apiKeys: ApiKeyStore,
    authenticate: Authenticate,
  ) {
    const { clock, logger, report, docsAssets, page, peerAddressOf, isPathRewritten, writeFile, gzip } = surroundings
    this.#config = config
    this.#surroundings = surroundings
    this.#store = store
    this.apiKeys = apiKeys
    this.#storeCheck = new StoreCheck(store, clock)
    this.#versions = new DataVersions({
      clock,
      ...(config.clickhouseUrl === undefined ? {} : { validForMs: UNSEEN_WRITES_MS }),
    })
    this.#metrics = surroundings.metrics
    this.#trail = new AuditTrail({ store: createAuditStore(store.trail), clock, logger, metrics: this.#metrics })
    const port = createQueryPort(store, clock, this.#metrics)
    const shared = { port, clock, logger, metrics: this.#metrics, report }
    this.#live = new LiveHub({
      ...shared,
      maxClients: config.liveClients,
      maxClientsPerTenant: config.liveClientsPerTenant,
      ...(config.clickhouseUrl === undefined
        ? {}
        : {
            isWrittenHere: (tenantId) => this.#eventSide?.isOurs(tenantId) ?? false,
            pollIntervalMs: UNSEEN_WRITES_MS,
          }),
    })
    this.app = createApp({
      ...shared,
      live: this.#live,
      versions: this.#versions,
      turns: this.#turns,
      authenticate,
      docsAssets,
      page,
      peerAddressOf,
      writeFile,
      gzip,
      trail: this.#trail,
      config,
      isPathRewritten,
      readiness: () => this.#readiness(),
      metricsText: () => {
        if (this.#eventSide) measureIngestion(this.#eventSide.ingestion, this.#metrics, config.metricsTenants)
        this.#metrics.routing.set(this.#eventSide?.isLeading() ? 1 : 0)
        return renderMetrics([...Object.values(this.#metrics), ...surroundings.processMetrics()])
      },
    })
  }

  /** Brings everything up; waits for the store and the broker for as long as it takes. Rejects with a StartFailure where waiting cannot help. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { clock, logger, report, migrations, natsServers, natsCredentials } = this.#surroundings
    startEventLoopMonitor(clock, this.#metrics, this.#stopped.signal)
    await this.#insist('the store', async () => {
      await migrate(this.#store.admin, this.#config.clickhouseDatabase, migrations, logger)
    })
    if (this.#stopped.signal.aborted) return
    this.#live.open()
    this.#isMigrated = true
    this.#storeCheck.start()
    this.#trail.start()
    await this.#insist('the broker', async () => {
      this.#nats ??= await connectNats({
        servers: natsServers,
        name: `outreach-analytics:${this.#config.natsConsumer}`,
        report,
        ...natsCredentials,
      })
      await ensureDeadLetterStream(await this.#nats.jetstreamManager(), this.#config.streamLimits)
    })
    if (!this.#nats || this.#stopped.signal.aborted) return
    const options = {
      config: this.#config,
      connection: this.#nats,
      store: this.#store,
      versions: this.#versions,
      live: this.#live,
      turns: this.#turns,
      clock,
      logger,
      metrics: this.#metrics,
    }
    const eventSide = this.#config.clickhouseUrl === undefined ? createEventSide(options) : new SharedEventSide(options)
    this.#eventSide = eventSide
    await this.#insist('the consumer', () => eventSide.start())
    if (this.#stopped.signal.aborted) return
    this.#stopJobs = startJobs({
      clock,
      logger,
      report,
      jobs: upkeepJobs({
        eventSide,
        store: this.#store,
        database: this.#config.clickhouseDatabase,
        versions: this.#versions,
        live: this.#live,
        isAlone: this.#config.clickhouseUrl === undefined,
        metrics: this.#metrics,
        tenantCount: this.#config.metricsTenants,
        logger,
      }),
    })
    logger.info('ready to ingest')
  }

  /** Stops taking, stores what is buffered, acknowledges, closes; what `deadline` (an abort) leaves over is delivered again at the next start. */
  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopped.abort()
    this.#live.close()
    await Promise.race([this.#starting?.catch(() => {}), aborted(deadline)])
    await Promise.race([this.#stopJobs?.(), aborted(deadline)])
    await this.#eventSide?.stop(deadline)
    await Promise.race([this.#storeCheck.stop(), aborted(deadline)])
    if (this.#nats && !this.#nats.isClosed())
      await Promise.race([this.#nats.drain().catch(() => {}), aborted(deadline)])
    await this.#trail.stop(deadline)
    await Promise.race([this.#store.close(), aborted(deadline)])
  }

  /** Tries until it works or the service stops. Rejects with a StartFailure, as waiting cannot help then. */
  async #insist(what: 'the store' | 'the broker' | 'the consumer', task: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.#surroundings
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt++) {
      try {
        return await task()
      } catch (error) {
        if (error instanceof StartFailure) throw error
        logger.warn(`${what} is not ready yet`, { attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: 3_000 }), this.#stopped.signal)
      }
    }
  }

  #readiness(): ReadinessPart[] {
    const part = (name: ReadinessPart['name'], isReady: boolean, problem: string, well = 'ok'): ReadinessPart => ({
      name,
      isReady,
      message: isReady ? well : problem,
    })
    const ingestion = this.#eventSide?.ingestion
    return [
      part('migrations', this.#isMigrated, 'not applied yet'),
      part('consumer', this.#eventSide?.isBound() ?? false, 'not bound to the stream'),
      part('store', this.#storeCheck.problem === undefined, this.#storeCheck.problem ?? ''),
      part('intake', ingestion !== undefined, 'not started yet', ingestion && ledgerSentence(ingestion.audit())),
    ]
  }
}
