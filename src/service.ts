/**
 * The composition root: builds every part once, starts the parts in order and stops them in reverse. The platform provides what depends on the runtime and the machine.
 */
import type { NatsConnection } from 'nats'
import { Alerts } from './assembly/definitions/alerts.ts'
import { createAuthentication } from './assembly/authentication.ts'
import { ClusteredIngestion } from './assembly/ingestion/clustered-ingestion.ts'
import { createFactsSource } from './assembly/facts-source.ts'
import { createIngestion } from './assembly/ingestion/ingestion.ts'
import type { IngestionAssembly } from './assembly/ingestion/ingestion-parts.ts'
import { startJobs } from './assembly/job-scheduler.ts'
import { openStore } from './assembly/open-store.ts'
import { metricsText, readinessParts } from './assembly/operations.ts'
import type { Platform } from './assembly/platform.ts'
import { Reporting } from './assembly/definitions/reporting.ts'
import { retryUntilReady } from './assembly/retry-until-ready.ts'
import { scheduledJobs } from './assembly/scheduled-jobs.ts'
import { whenAborted } from './base/clock.ts'
import { startEventLoopMonitor } from './base/event-loop-monitor.ts'
import { EventLoopYielder } from './base/event-loop-yielding.ts'
import { ActiveVersion } from './clickhouse/facts/versions/active-version.ts'
import { ensureFirstVersion } from './clickhouse/facts/versions/version-table.ts'
import { createRequestAuditStore } from './clickhouse/access/request-audit-store.ts'
import type { Store } from './clickhouse/connection/store-connection.ts'
import { StoreHealthCheck } from './clickhouse/connection/store-health-check.ts'
import { createQueryPort } from './clickhouse/read/query-port.ts'
import { migrate } from './clickhouse/schema/migrate.ts'
import type { Config } from './config.ts'
import { createAsyncApiDocument } from './events/asyncapi.ts'
import { useSha1 } from './events/identity.ts'
import { type App, createApp } from './http/app.ts'
import { RULES_VERSION } from './messages/classes/class-rules.ts'
import { RequestAuditTrail } from './http/audit/request-audit-trail.ts'
import type { Authenticate } from './http/auth/authenticator.ts'
import { DataVersions } from './http/cache/data-versions.ts'
import { LiveHub } from './live/live-hub.ts'
import { connectNats } from './nats/connection.ts'
import { ensureDeadLetterStream } from './nats/dead-letters/dead-letter-stream.ts'

/** Other processes and tools may write to a shared store: this bounds the age of a cached response and the delay of a live stream. */
const EXTERNAL_WRITES_DELAY_MS = 5_000
/** Another process may complete a version of the facts of messages. */
const FACTS_POLL_MS = 2_000

export class Service {
  readonly app: App
  readonly #config: Config
  readonly #platform: Platform
  /** Whether other processes may write to the store: it is a server then, not the embedded engine. */
  readonly #isStoreShared: boolean
  readonly #store: Store
  readonly #storeCheck: StoreHealthCheck
  readonly #versions: DataVersions
  readonly #live: LiveHub
  readonly #auditTrail: RequestAuditTrail
  readonly #activeFacts: ActiveVersion
  readonly #alerts: Alerts
  readonly #reporting: Reporting
  readonly #yielder = new EventLoopYielder()
  readonly #stopped = new AbortController()
  #areMigrationsApplied = false
  #nats: NatsConnection | undefined
  #ingestion: IngestionAssembly | undefined
  #stopJobs: (() => Promise<void>) | undefined
  #starting: Promise<void> | undefined

  /** Opens the store, without a connection when it is a server, and creates the app. Rejects with a StartFailure when the embedded engine cannot be opened. */
  static async create(config: Config, platform: Platform): Promise<Service> {
    useSha1(platform.sha1)
    const store = await openStore(config, { enginePath: platform.enginePath, writer: config.natsConsumer })
    return new Service(config, platform, store, await createAuthentication(config, platform, store))
  }

  private constructor(config: Config, platform: Platform, store: Store, authenticate: Authenticate) {
    const { clock, logger, metrics, report } = platform
    this.#config = config
    this.#platform = platform
    this.#isStoreShared = config.clickhouseUrl !== undefined
    this.#store = store
    this.#storeCheck = new StoreHealthCheck(store, clock)
    this.#versions = new DataVersions({
      clock,
      ...(this.#isStoreShared ? { validForMs: EXTERNAL_WRITES_DELAY_MS } : {}),
    })
    this.#activeFacts = new ActiveVersion({
      connection: store.lookups,
      rules: config.classRules,
      clock,
      onSwitch: () => this.#versions.advanceAll(),
      onRefresh: ({ rulesNumber = 0, progress }) => {
        metrics.factsVersion.set(rulesNumber)
        metrics.factsProgress.set(progress)
      },
    })
    this.#auditTrail = new RequestAuditTrail({
      store: createRequestAuditStore(store.auditConnection),
      clock,
      logger,
      metrics,
    })
    const shared = { port: createQueryPort(store, clock, metrics), clock, logger, metrics, report }
    this.#live = new LiveHub({
      ...shared,
      maxClients: config.liveClients,
      maxClientsPerTenant: config.liveClientsPerTenant,
      ...(this.#isStoreShared
        ? {
            isLocal: (tenantId) => this.#ingestion?.isLocal(tenantId) ?? false,
            pollIntervalMs: EXTERNAL_WRITES_DELAY_MS,
          }
        : {}),
    })
    const { docsAssets, page, writeExport, gzip, peerAddressOf, isPathRewritten } = platform
    const facts = createFactsSource(this.#activeFacts)
    this.#reporting = new Reporting({ ...shared, config, facts, writeExport })
    const { alertRules: definitions } = this.#reporting
    this.#alerts = new Alerts({ ...shared, config, definitions, facts, callWebhook: platform.callWebhook })
    this.app = createApp({
      ...shared,
      ...{ docsAssets, page, writeExport, gzip, peerAddressOf, isPathRewritten },
      config,
      authenticate,
      live: this.#live,
      versions: this.#versions,
      facts,
      eventsDocument: createAsyncApiDocument(),
      ...this.#reporting.appParts,
      alerts: this.#alerts.parts,
      auditTrail: this.#auditTrail,
      yielder: this.#yielder,
      readiness: () =>
        readinessParts({
          areMigrationsApplied: this.#areMigrationsApplied,
          storeProblem: this.#storeCheck.problem,
          ingestion: this.#ingestion,
          activeFacts: this.#activeFacts,
        }),
      metricsText: () => metricsText(metrics, platform.processMetrics(), this.#ingestion, config.metricsTenants),
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

  /** Starts every part; waits for the store and the broker without a limit of time. Rejects with a StartFailure when waiting cannot help. */
  start(): Promise<void> {
    this.#starting ??= this.#start()
    return this.#starting
  }

  async #start(): Promise<void> {
    const { clock, logger, metrics } = this.#platform
    const { signal } = this.#stopped
    const retry = { clock, logger, signal }
    startEventLoopMonitor(clock, metrics, signal)
    await retryUntilReady('the store', () => this.#migrate(), retry)
    if (signal.aborted) return
    this.#areMigrationsApplied = true
    // Without another process, only this one changes the versions, and says so.
    if (this.#isStoreShared) void this.#activeFacts.poll(FACTS_POLL_MS, signal)
    this.#live.open()
    this.#storeCheck.start()
    this.#auditTrail.start()
    await retryUntilReady('the broker', () => this.#connectBroker(), retry)
    if (!this.#nats || signal.aborted) return
    await this.#reporting.followStored(this.#nats, signal).catch(() => {})
    const ingestion = (this.#ingestion = this.#createIngestion(this.#nats))
    await retryUntilReady('the consumer', () => ingestion.start(), retry)
    if (signal.aborted) return
    this.#reporting.start(this.#nats, signal)
    this.#stopJobs = this.#startJobs(ingestion)
    this.#alerts.start(this.#nats, ingestion)
    logger.info('ready to ingest')
  }

  async #migrate(): Promise<void> {
    const { migrations, logger } = this.#platform
    const { clickhouseDatabase, classRules } = this.#config
    await migrate(this.#store.admin, clickhouseDatabase, migrations, logger)
    await ensureFirstVersion(this.#store.writer, { rulesVersion: RULES_VERSION, rulesText: classRules.text })
    await this.#activeFacts.refresh()
  }

  async #connectBroker(): Promise<void> {
    const { natsServers: servers, natsCredentials, report } = this.#platform
    const name = `outreach-analytics:${this.#config.natsConsumer}`
    this.#nats ??= await connectNats({ servers, name, report, ...natsCredentials })
    await ensureDeadLetterStream(await this.#nats.jetstreamManager(), this.#config.streamLimits)
  }

  #createIngestion(connection: NatsConnection): IngestionAssembly {
    const { clock, logger, metrics, report } = this.#platform
    const options = {
      config: this.#config,
      connection,
      store: this.#store,
      versions: this.#versions,
      live: this.#live,
      onFactsChanged: () => void this.#activeFacts.refreshIfOlderThan(0),
      yielder: this.#yielder,
      clock,
      logger,
      metrics,
      report,
    }
    return this.#isStoreShared ? new ClusteredIngestion(options) : createIngestion(options)
  }

  #startJobs(ingestion: IngestionAssembly): () => Promise<void> {
    const { clock, logger, metrics, report } = this.#platform
    const jobs = scheduledJobs({
      ingestion,
      store: this.#store,
      database: this.#config.clickhouseDatabase,
      versions: this.#versions,
      live: this.#live,
      isStoreShared: this.#isStoreShared,
      metrics,
      tenantCount: this.#config.metricsTenants,
      activeFacts: this.#activeFacts,
      clock,
      logger,
    })
    return startJobs({ jobs, clock, logger, report })
  }

  /** Stops consuming, stores and acknowledges what is buffered, closes every part. Events that are not settled when `deadline` aborts are delivered again at the next start. */
  async stop(deadline: AbortSignal): Promise<void> {
    const untilDeadline = (closing: Promise<unknown> | undefined) => Promise.race([closing, whenAborted(deadline)])
    this.#stopped.abort()
    this.#live.close()
    await untilDeadline(this.#starting?.catch(() => {}))
    await untilDeadline(this.#stopJobs?.())
    await this.#alerts.stop(deadline)
    await this.#ingestion?.stop(deadline)
    await this.#reporting.stop(deadline)
    await untilDeadline(this.#storeCheck.stop())
    if (this.#nats && !this.#nats.isClosed()) await untilDeadline(this.#nats.drain().catch(() => {}))
    await this.#auditTrail.stop(deadline)
    await untilDeadline(this.#store.close())
  }
}
