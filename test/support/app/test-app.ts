/**
 * The app of the service in this process, over the embedded engine of the test worker: requests go to it as `Request`
 * objects. There is no listener and no broker; events are normalised and stored as ingestion would store them.
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../src/clock.ts'
import { createApiKeyStore } from '../../../src/clickhouse/api-keys.ts'
import { createQueryPort } from '../../../src/clickhouse/query.ts'
import { parseConfig } from '../../../src/config.ts'
import { DataVersions } from '../../../src/data-versions.ts'
import { createFileWorker } from '../../../src/host/file-worker.ts'
import { createDocsAssets } from '../../../src/host/files.ts'
import { gzipResponse } from '../../../src/host/pack-asset.ts'
import { createPageFiles } from '../../../src/host/page-files.ts'
import { ApiKeyRing } from '../../../src/http/api-key-ring.ts'
import { type App, createApp } from '../../../src/http/app.ts'
import { AuditTrail } from '../../../src/http/audit-trail.ts'
import { createAuthenticator } from '../../../src/http/auth.ts'
import { LiveHub } from '../../../src/live/live-hub.ts'
import { jsonLogger } from '../../../src/logger.ts'
import { createMetrics } from '../../../src/metrics.ts'
import { renderMetrics } from '../../../src/telemetry.ts'
import { Turns } from '../../../src/turns.ts'
import { createUnexpectedErrorReport } from '../../../src/unexpected-errors.ts'
import type { Published } from '../oracle/history.ts'
import { type Answer, type Api, ask, type Request as ApiRequest } from '../process/service.ts'
import { migrated, openEmbeddedStore } from '../store/engine.ts'
import { storeFeed } from '../store/stored-feed.ts'

export interface TestApp extends Api {
  readonly app: App
  readonly fetch: (address: string, init?: RequestInit) => Promise<Response>
  get(path: string, request?: ApiRequest): Promise<Answer>
  /** Stores the events, each once; every response after it shows them. Throws for an event that would be rejected. */
  store(events: readonly Published[]): Promise<void>
  /** What the service would have printed. */
  log(): string
  /** The address of the client of all later requests. */
  setClientAddress(address: string): void
  close(): Promise<void>
}

/** Opens the app on a database of its own. `environment` is what the service would be started with. */
export async function openApp(environment: Readonly<Record<string, string>> = {}): Promise<TestApp> {
  const secret = randomBytes(32).toString('hex')
  const config = parseConfig({ JWT_SECRET: secret, ...environment })
  const lines: string[] = []
  const clock = systemClock
  const logger = jsonLogger({ level: 'info', clock, write: (line) => void lines.push(line) })
  const metrics = createMetrics()
  const report = createUnexpectedErrorReport(logger, metrics)
  const opened = await openEmbeddedStore(`app_${randomBytes(6).toString('hex')}`)
  const events = await migrated(opened)
  const versions = new DataVersions({ clock })
  let clientAddress = '127.0.0.1'
  let firstSequence = 1
  const shared = { port: createQueryPort(opened.store, clock, metrics), clock, logger, metrics, report }
  const live = new LiveHub({
    ...shared,
    maxClients: config.liveClients,
    maxClientsPerTenant: config.liveClientsPerTenant,
  })
  live.open()
  const app = createApp({
    ...shared,
    live,
    versions,
    turns: new Turns(),
    authenticate: await createAuthenticator(
      {
        secret: config.jwtSecret,
        publicKey: config.jwtPublicKey,
        jwksUrl: config.jwtJwksUrl,
        issuer: config.jwtIssuer,
        audience: config.jwtAudience,
      },
      new ApiKeyRing(createApiKeyStore(opened.store), clock),
    ),
    docsAssets: createDocsAssets(),
    page: { files: createPageFiles(logger), development: undefined },
    writeFile: createFileWorker(clock),
    gzip: gzipResponse,
    trail: new AuditTrail({ ...shared, store: { append: () => Promise.resolve() } }),
    config,
    peerAddressOf: () => clientAddress,
    readiness: () => [],
    metricsText: () => renderMetrics(Object.values(metrics)),
  })
  const fetch = async (address: string, init?: RequestInit) => {
    const request = new Request(address, init)
    if (!request.headers.has('host')) request.headers.set('host', new URL(address).host)
    return app.fetch(request)
  }
  const api = { baseUrl: 'http://localhost', secret, fetch }
  return {
    ...api,
    app,
    get: (path, request) => ask(api, path, request),
    async store(published) {
      await storeFeed(events, published, clock.now(), { firstSequence })
      firstSequence += published.length
      for (const tenantId of new Set(published.map(([, { tenantId: of }]) => of))) versions.move(tenantId)
    },
    log: () => lines.join('\n'),
    setClientAddress(address) {
      clientAddress = address
    },
    async close() {
      live.close()
      await opened.close()
    },
  }
}
