/**
 * The composition root: builds every part once, starts them in order, stops them in reverse. It knows no runtime: files, child processes and the environment
 * come in from the entry.
 */
import type { NatsConnection } from 'nats'
import { whenAborted, backoffMs, type Clock, sleep } from './base/clock.ts'
import { type Migration, migrate } from './clickhouse/schema/migrate.ts'
import type { Store } from './clickhouse/connection/store-connection.ts'
import { createApiKeyStore } from './clickhouse/access/api-key-store.ts'
import { createQueryPort } from './clickhouse/read/query-port.ts'
import { createRequestAuditStore } from './clickhouse/access/request-audit-store.ts'
import { StoreHealthCheck } from './clickhouse/connection/store-health-check.ts'
import type { Config } from './config.ts'
import { DataVersions } from './http/cache/data-versions.ts'
import { StartFailure } from './base/errors.ts'
import { createSingleProcessIngestion, type IngestionAssembly } from './assembly/ingestion-assembly.ts'
import { startEventLoopMonitor } from './base/event-loop-monitor.ts'
import { type App, type AppPlatform, createApp } from './http/app.ts'
import { ApiKeyCache } from './http/auth/api-key-cache.ts'
import { type Authenticate, createAuthenticator } from './http/auth/authenticator.ts'
import { RequestAuditTrail } from './http/audit/request-audit-trail.ts'
import type { ReadinessPart } from './http/health.ts'
import { ledgerSummary, updateIngestionMetrics } from './ingest/accounting/ingestion-metrics.ts'
import { startJobs } from './assembly/job-scheduler.ts'
import { LiveHub } from './live/live-hub.ts'
import type { Logger } from './base/logger.ts'
import type { ServiceMetrics } from './base/service-metrics.ts'
import { connectNats, type NatsCredentials } from './nats/connection.ts'
import { ensureDeadLetterStream } from './nats/topology.ts'
import { ClusteredIngestion } from './assembly/clustered-ingestion.ts'
import { openStore } from './assembly/open-store.ts'
import { type Counter, type Gauge, renderPrometheusText } from './base/prometheus.ts'
import { EventLoopYielder } from './base/event-loop-yielding.ts'
import type { ReportUnexpectedError } from './base/unexpected-errors.ts'
import { scheduledJobs } from './assembly/scheduled-jobs.ts'

/** Tools may write to a server beside the service: so long an answer may be given again though it is an old one, and so long a live stream may not know. */
const EXTERNAL_WRITES_DELAY_MS = 5_000

/** What the machine gives. */
export interface Platform extends AppPlatform {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
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
  readonly #config: Config
  readonly #platform: Platform
  readonly #metrics: ServiceMetrics
  readonly #store: Store
  readonly #versions: DataVersions
  readonly #live: LiveHub
  readonly #turns = new EventLoopYielder()
  readonly #stopped = new AbortController()
  #areMigrationsApplied = false
  readonly #storeCheck: StoreHealthCheck
  readonly #auditTrail: RequestAuditTrail
  #nats: NatsConnection | undefined
  #ingestionAssembly: IngestionAssembly | undefined
  #stopJobs: (() => Promise<void>) | undefined
  #starting: Promise<void> | undefined

  /** Opens the store (a server is not asked yet) and makes the app. Rejects with a StartFailure when the embedded engine cannot be opened. */
  static async create(config: Config, platform: Platform): Promise<Service> {
    const store = await openStore(config, { enginePath: platform.enginePath, writer: config.natsConsumer })
    const apiKeys = createApiKeyStore(store)
    const { jwtPublicKey: publicKey, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config
    const authenticate = await createAuthenticator(
      { secret: platform.jwtSecret, publicKey, jwksUrl, issuer, audience },
      new ApiKeyCache(apiKeys, platform.clock),
    )
    return new Service(config, platform, store, authenticate)
  }

  private constructor(config: Config, platform: Platform, store: Store, authenticate: Authenticate) {
    const {
      clock,
      logger,
      report,
      docsAssets,
      page,
      peerAddressOf,
      isPathRewritten,
      writeExport: writeFile,
      gzip,
    } = platform
    this.#config = config
    this.#platform = platform
    this.#store = store
    this.#storeCheck = new StoreHealthCheck(store, clock)
    this.#versions = new DataVersions({
      clock,
      ...(config.clickhouseUrl === undefined ? {} : { validForMs: EXTERNAL_WRITES_DELAY_MS }),
    })
    this.#metrics = platform.metrics
    this.#auditTrail = new RequestAuditTrail({
      store: createRequestAuditStore(store.auditConnection),
      clock,
      logger,
      metrics: this.#metrics,
    })
    const port = createQueryPort(store, clock, this.#metrics)
    const shared = { port, clock, logger, metrics: this.#metrics, report }
    this.#live = new LiveHub({
      ...shared,
      maxClients: config.liveClients,
      maxClientsPerTenant: config.liveClientsPerTenant,
      ...(config.clickhouseUrl === undefined
        ? {}
        : {
            isLocal: (tenantId) => this.#ingestionAssembly?.isLocal(tenantId) ?? false,
            pollIntervalMs: EXTERNAL_WRITES_DELAY_MS,
          }),
    })
    this.app = createApp({
      ...shared,
      live: this.#live,
      versions: this.#versions,
      yielder: this.#turns,
      authenticate,
      docsAssets,
      page,
      peerAddressOf,
      writeExport: writeFile,
      gzip,
      auditTrail: this.#auditTrail,
      config,
      isPathRewritten,
      readiness: () => this.#readiness(),
      metricsText: () => {
        if (this.#ingestionAssembly)
          updateIngestionMetrics(this.#ingestionAssembly.ingestion, this.#metrics, config.metricsTenants)
        this.#metrics.leader.set(this.#ingestionAssembly?.isLeader() ? 1 : 0)
        return renderPrometheusText([...Object.values(this.#metrics), ...platform.processMetrics()])
      },
    })
  }

  /** For commands, which reach the embedded engine through this process. Undefined until the migrations are applied. */
  get migratedStore(): Store | undefined {
    return this.#areMigrationsApplied ? this.#store : undefined
  }

  /** Invalidates cached responses and corrects live counts after rows of a tenant were erased. */
  async onRowsErased(tenantId: string): Promise<void> {
    this.#versions.advance(tenantId)
    await this.#live.verify()
  }

  /** Brings everything up; waits for the store and the broker for as long as it takes. Rejects with a StartFailure where waiting cannot help. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { clock, logger, report, migrations, natsServers, natsCredentials } = this.#platform
    startEventLoopMonitor(clock, this.#metrics, this.#stopped.signal)
    await this.#retryUntilReady('the store', async () => {
      await migrate(this.#store.admin, this.#config.clickhouseDatabase, migrations, logger)
    })
    if (this.#stopped.signal.aborted) return
    this.#live.open()
    this.#areMigrationsApplied = true
    this.#storeCheck.start()
    this.#auditTrail.start()
    await this.#retryUntilReady('the broker', async () => {
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
    const ingestionAssembly =
      this.#config.clickhouseUrl === undefined ? createSingleProcessIngestion(options) : new ClusteredIngestion(options)
    this.#ingestionAssembly = ingestionAssembly
    await this.#retryUntilReady('the consumer', () => ingestionAssembly.start())
    if (this.#stopped.signal.aborted) return
    this.#stopJobs = startJobs({
      clock,
      logger,
      report,
      jobs: scheduledJobs({
        ingestionAssembly,
        store: this.#store,
        database: this.#config.clickhouseDatabase,
        versions: this.#versions,
        live: this.#live,
        isSingleProcess: this.#config.clickhouseUrl === undefined,
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
    await Promise.race([this.#starting?.catch(() => {}), whenAborted(deadline)])
    await Promise.race([this.#stopJobs?.(), whenAborted(deadline)])
    await this.#ingestionAssembly?.stop(deadline)
    await Promise.race([this.#storeCheck.stop(), whenAborted(deadline)])
    if (this.#nats && !this.#nats.isClosed())
      await Promise.race([this.#nats.drain().catch(() => {}), whenAborted(deadline)])
    await this.#auditTrail.stop(deadline)
    await Promise.race([this.#store.close(), whenAborted(deadline)])
  }

  /** Tries until it works or the service stops. Rejects with a StartFailure, as waiting cannot help then. */
  async #retryUntilReady(
    component: 'the store' | 'the broker' | 'the consumer',
    task: () => Promise<void>,
  ): Promise<void> {
    const { clock, logger } = this.#platform
    for (let attempt = 0; !this.#stopped.signal.aborted; attempt++) {
      try {
        return await task()
      } catch (error) {
        if (error instanceof StartFailure) throw error
        logger.warn(`${component} is not ready yet`, { attempt, error })
        await sleep(clock, backoffMs(attempt, { maxMs: 3_000 }), this.#stopped.signal)
      }
    }
  }

  #readiness(): ReadinessPart[] {
    const part = (name: ReadinessPart['name'], isReady: boolean, problem: string, okMessage = 'ok'): ReadinessPart => ({
      name,
      isReady,
      message: isReady ? okMessage : problem,
    })
    const ingestion = this.#ingestionAssembly?.ingestion
    return [
      part('migrations', this.#areMigrationsApplied, 'not applied yet'),
      part('consumer', this.#ingestionAssembly?.isBound() ?? false, 'not bound to the stream'),
      part('store', this.#storeCheck.problem === undefined, this.#storeCheck.problem ?? ''),
      part('intake', ingestion !== undefined, 'not started yet', ingestion && ledgerSummary(ingestion.reconcile())),
    ]
  }
}
