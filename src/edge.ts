/**
 * The entry for edge runtimes: the read side over the ClickHouse server of `CLICKHOUSE_URL`, by `fetch` alone. No file, socket or Node API, no code made of texts.
 *
 * Such a runtime runs any number of processes (isolates), none of them for long, and stops whatever a request has under way when its client is gone: nothing of it goes on
 * then, not even a `finally`. So no request waits for another one, nothing runs between requests, and what is kept (answers, rates, counts) is plain data, of one isolate.
 */
// Edge runtimes do not bring Temporal yet; where one does, this import leaves it alone.
import 'temporal-polyfill/global'
import { type Clock, sleep, systemClock } from './base/clock.ts'
import { createApiKeyFinder } from './clickhouse/access/api-key-store.ts'
import type { ReadStore } from './clickhouse/connection/store-connection.ts'
import { createUnqueuedQueryPort } from './clickhouse/read/query-port.ts'
import { createRequestAuditStore } from './clickhouse/access/request-audit-store.ts'
import { StoreHealthCheck } from './clickhouse/connection/store-health-check.ts'
import { connectWebStore } from './clickhouse/connection/web-store.ts'
import { type Config, ConfigError, parseConfig } from './config.ts'
import { DataVersions } from './http/cache/data-versions.ts'
import { messageOf } from './base/errors.ts'
import { createAsyncApiDocument } from './events/asyncapi.ts'
import { ApiKeyCache } from './http/auth/api-key-cache.ts'
import { RequestAuditTrail } from './http/audit/request-audit-trail.ts'
import { createAuthenticator } from './http/auth/authenticator.ts'
import { writeExport } from './http/export/export-task.ts'
import type { LiveSource } from './http/live/live-routes.ts'
import type { ReadinessPart } from './http/health.ts'
import { createEdgeApp, type EdgeAppDependencies } from './http/edge-app.ts'
import { LiveHub } from './live/live-hub.ts'
import { createJsonLogger } from './base/logger.ts'
import { createServiceMetrics } from './base/service-metrics.ts'
import { renderPrometheusText } from './base/prometheus.ts'
import { EventLoopYielder } from './base/event-loop-yielding.ts'
import { createUnexpectedErrorReporter, withGuardedTimers } from './base/unexpected-errors.ts'

/** What the provider sets: variables and secrets. */
export type EdgeEnvironment = Readonly<Record<string, unknown>>

/** What the provider gives beside a request. */
export interface EdgeContext {
  /** Goes on with the task when the request is answered, for half a minute at least. */
  waitUntil(task: Promise<unknown>): void
}

export interface EdgeHandler {
  fetch(request: Request, context: EdgeContext): Promise<Response>
}

/** Others write: so long an answer may be given again though it is an old one. */
const VERSION_LIFETIME_MS = 1_000
const LIVE_POLL_MS = 1_000
/** Each look at the store is a request to it, of which providers allow a thousand for one of ours. Whoever is cut off comes back by itself. */
const MAX_STREAM_MS = 600_000
/** One insert of an isolate in so long. */
const AUDIT_FLUSH_MS = 5_000
/** Who asks, as the provider says; nobody else can say it behind one. */
const CLIENT_ADDRESS_HEADER = 'cf-connecting-ip'

/** Makes the answerer of requests. Rejects with ConfigError. */
export async function createEdgeHandler(environment: EdgeEnvironment): Promise<EdgeHandler> {
  const config = readConfig(environment)
  const logger = createJsonLogger({ level: config.logLevel, clock: systemClock, write: (line) => console.log(line) })
  const metrics = createServiceMetrics()
  const report = createUnexpectedErrorReporter(logger, metrics)
  const clock = withGuardedTimers(systemClock, report)
  const store = connectWebStore({
    url: config.clickhouseUrl,
    user: config.clickhouseUser,
    password: config.clickhousePassword,
    database: config.clickhouseDatabase,
    cluster: config.clickhouseCluster,
    reader: config.clickhouseReader,
  })
  const auditTrail = new RequestAuditTrail({
    store: createRequestAuditStore(store.auditConnection),
    clock,
    logger,
    metrics,
  })
  const port = createUnqueuedQueryPort(store)
  const apiKeys = createApiKeyFinder(store)
  const { jwtSecret: secret, jwtPublicKey: publicKey, jwtJwksUrl: jwksUrl, jwtIssuer: issuer } = config
  const dependencies = { port, clock, logger, metrics, report }
  const respond = createEdgeApp({
    eventsDocument: createAsyncApiDocument(),
    ...dependencies,
    writeExport,
    auditTrail,
    config,
    versions: new DataVersions({ clock, validForMs: VERSION_LIFETIME_MS }),
    yielder: new EventLoopYielder(),
    // A ring has those who ask wait for each other: each gets one of its own.
    authenticate: await createAuthenticator(
      { secret, publicKey, jwksUrl, issuer, audience: config.jwtAudience },
      { find: (text) => new ApiKeyCache(apiKeys, clock).find(text) },
    ),
    live: createLiveSource(dependencies),
    peerAddressOf: (request) => request.headers.get(CLIENT_ADDRESS_HEADER) ?? undefined,
    readiness: () => readiness(store, clock),
    metricsText: () => renderPrometheusText(Object.values(metrics)),
  })
  const flushAuditTrail = createAuditFlusher(auditTrail, clock)
  return {
    async fetch(request, context) {
      const response = await respond(request)
      context.waitUntil(flushAuditTrail())
      return response
    },
  }
}

function readConfig(environment: EdgeEnvironment): Config & { readonly clickhouseUrl: string } {
  const texts = Object.entries(environment).filter((each): each is [string, string] => typeof each[1] === 'string')
  const config = parseConfig(Object.fromEntries(texts))
  const { clickhouseUrl } = config
  if (clickhouseUrl === undefined) throw new ConfigError(['CLICKHOUSE_URL is required: there is no engine here.'])
  return { ...config, clickhouseUrl }
}

/** A hub a stream, so that its timers and its questions are those of its own request. */
function createLiveSource(
  dependencies: Pick<EdgeAppDependencies, 'port' | 'clock' | 'logger' | 'metrics' | 'report'>,
): LiveSource {
  return {
    join(request, reader) {
      const hub = new LiveHub({
        ...dependencies,
        // Each hub counts its own reader: together they would tell of the last one.
        metrics: { ...dependencies.metrics, liveClients: createServiceMetrics().liveClients },
        maxClients: 1,
        maxClientsPerTenant: 1,
        isLocal: () => false,
        pollIntervalMs: LIVE_POLL_MS,
      })
      hub.open()
      const expiresAt = Math.min(reader.expiresAt, dependencies.clock.now() + MAX_STREAM_MS)
      return hub.join(request, { ...reader, expiresAt })
    },
  }
}

async function readiness(store: ReadStore, clock: Clock): Promise<ReadinessPart[]> {
  const check = new StoreHealthCheck(store, clock)
  await check.check()
  return [{ name: 'store', isReady: check.problem === undefined, message: check.problem ?? 'ok' }]
}

/** Writes the trail for all requests of a few seconds, in the time of one of them. If that one is stopped before, a later one does. */
function createAuditFlusher(auditTrail: RequestAuditTrail, clock: Clock): () => Promise<void> {
  let dueAt = -Infinity
  return async () => {
    if (clock.monotonic() < dueAt + AUDIT_FLUSH_MS) return
    dueAt = clock.monotonic() + AUDIT_FLUSH_MS
    await sleep(clock, AUDIT_FLUSH_MS)
    dueAt = -Infinity
    await auditTrail.flush()
  }
}

/** Of the isolate, once it is made; not shared while it is being made, by a request that may be stopped. */
let handler: EdgeHandler | undefined

// The one default export of the project: the form in which providers take a module.
export default {
  async fetch(request: Request, environment: EdgeEnvironment, context: EdgeContext): Promise<Response> {
    try {
      handler ??= await createEdgeHandler(environment)
      return await handler.fetch(request, context)
    } catch (error) {
      // What goes wrong with a request was answered before: this is the configuration.
      console.error(`The worker cannot answer: ${messageOf(error)}`)
      const failure = { code: 'INTERNAL', message: 'Something went wrong on our side.' }
      const meta = { correlationId: crypto.randomUUID() }
      return Response.json({ success: false, error: failure, meta }, { status: 500 })
    }
  },
}
