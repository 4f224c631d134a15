/**
 * The entry point for edge runtimes: the edge app over the ClickHouse server of `CLICKHOUSE_URL`, which it reaches by `fetch` alone. It uses no file, socket or Node API, and does
 * not compile code from text.
 *
 * An edge runtime runs any number of short-lived processes (isolates) and stops all work of a request when its client disconnects: not even a `finally` runs then. Therefore no
 * request waits for another one, nothing runs between requests, and all state (cached responses, rates, counters) is plain data of one isolate.
 */
// Edge runtimes do not bring Temporal yet; where one does, this import leaves it alone.
import 'temporal-polyfill/global'
import { type Clock, sleep, systemClock } from './base/clock.ts'
import { createApiKeyFinder } from './clickhouse/access/api-key-store.ts'
import type { ReadStore } from './clickhouse/connection/store-connection.ts'
import { ActiveVersion } from './clickhouse/facts/versions/active-version.ts'
import { messageHashText } from './clickhouse/facts/message-hash-text.ts'
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
import { API_PATH } from './http/routes.ts'
import type { LiveSource } from './http/live/live-routes.ts'
import type { ReadinessPart } from './http/health.ts'
import { createEdgeApp, type EdgeAppDependencies } from './http/edge-app.ts'
import { LiveHub } from './live/live-hub.ts'
import { createJsonLogger } from './base/logger.ts'
import { createServiceMetrics } from './base/service-metrics.ts'
import { createMessageHistories } from './messages/message-history.ts'
import { createActionsOfMessage, createMessageStateAt } from './messages/message-state.ts'
import { renderPrometheusText } from './base/prometheus.ts'
import { EventLoopYielder } from './base/event-loop-yielding.ts'
import { createUnexpectedErrorReporter, withGuardedTimers } from './base/unexpected-errors.ts'

/** The variables and secrets that the provider sets. */
export type EdgeEnvironment = Readonly<Record<string, unknown>>

/** The object that the provider passes with a request. */
export interface EdgeContext {
  /** Keeps the task running after the response, for at least half a minute. */
  waitUntil(task: Promise<unknown>): void
}

export interface EdgeHandler {
  fetch(request: Request, context: EdgeContext): Promise<Response>
}

/** Other processes write: a cached response may be outdated for this time. */
const VERSION_LIFETIME_MS = 1_000
const LIVE_POLL_MS = 1_000
/** How long a replaced version of the facts of messages is still read. */
const FACTS_LIFETIME_MS = 2_000
/** Each poll of the store is one of the thousand requests that providers allow for one request of a client. A client reconnects by itself. */
const MAX_STREAM_MS = 600_000
/** Time between two inserts of an isolate. */
const AUDIT_FLUSH_MS = 5_000
/** The client address. The provider sets it, and clients cannot. */
const CLIENT_ADDRESS_HEADER = 'cf-connecting-ip'

/** Makes the request handler. Rejects with ConfigError. */
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
  const activeFacts = new ActiveVersion({ connection: store.lookups, rules: config.classRules, clock })
  const dependencies = { port, clock, logger, metrics, report }
  const respond = createEdgeApp({
    facts: {
      active: activeFacts,
      stateAt: createMessageStateAt(activeFacts),
      histories: createMessageHistories(activeFacts, messageHashText),
      actionsOf: createActionsOfMessage(activeFacts),
    },
    eventsDocument: createAsyncApiDocument(),
    ...dependencies,
    writeExport,
    auditTrail,
    config,
    versions: new DataVersions({ clock, validForMs: VERSION_LIFETIME_MS }),
    yielder: new EventLoopYielder(),
    // In a shared cache, requests would wait for each other's lookups: each request gets its own.
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
      // Without a shared promise, as the request that has begun it may be stopped.
      if (new URL(request.url).pathname.includes(API_PATH)) await activeFacts.refreshIfOlderThan(FACTS_LIFETIME_MS)
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
  if (clickhouseUrl === undefined)
    throw new ConfigError(['CLICKHOUSE_URL is required: edge runtimes have no embedded engine.'])
  return { ...config, clickhouseUrl }
}

/** One hub per stream, so that its timers and queries belong to its own request. */
function createLiveSource(
  dependencies: Pick<EdgeAppDependencies, 'port' | 'clock' | 'logger' | 'metrics' | 'report'>,
): LiveSource {
  return {
    join(request, reader) {
      const hub = new LiveHub({
        ...dependencies,
        // Each hub sets the gauge to its own one reader, so that the gauge would be wrong for several hubs.
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

/** Writes the audit trail of all requests of a few seconds as a task of one of them. When that request is stopped first, a later one does it. */
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

/** The handler of the isolate. It is shared once it exists, and not while it is being made, as the request that makes it may be stopped. */
let handler: EdgeHandler | undefined

// The one default export of the project: providers require this form of a module.
export default {
  async fetch(request: Request, environment: EdgeEnvironment, context: EdgeContext): Promise<Response> {
    try {
      handler ??= await createEdgeHandler(environment)
      return await handler.fetch(request, context)
    } catch (error) {
      // The pipeline responds to failed requests itself: only the configuration can fail here.
      console.error(`The worker cannot start: ${messageOf(error)}`)
      const failure = { code: 'INTERNAL', message: 'Something went wrong on our side.' }
      const meta = { correlationId: crypto.randomUUID() }
      return Response.json({ success: false, error: failure, meta }, { status: 500 })
    }
  },
}
