/**
 * The app of the service in this process, over the embedded engine of the test worker: requests go to it as `Request`
 * objects. There is no listener and no broker; events are normalised and stored as ingestion would store them.
 */
import { randomBytes } from 'node:crypto'
import { systemClock } from '../../../src/base/clock.ts'
import { createJsonLogger } from '../../../src/base/logger.ts'
import { renderPrometheusText } from '../../../src/base/prometheus.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { createUnexpectedErrorReporter } from '../../../src/base/unexpected-errors.ts'
import { createApiKeyStore } from '../../../src/clickhouse/access/api-key-store.ts'
import type { QueryPort } from '../../../src/analytics/query/tenant-query.ts'
import { createQueryPort } from '../../../src/clickhouse/read/query-port.ts'
import { parseConfig } from '../../../src/config.ts'
import { gzipResponse } from '../../../src/host/compress-asset.ts'
import { createFileWorker } from '../../../src/host/file-worker.ts'
import { createPageFileReader } from '../../../src/host/page-files.ts'
import { createDocsAssets } from '../../../src/host/project-files.ts'
import type { AppDependencies } from '../../../src/http/app.ts'
import { ApiKeyCache } from '../../../src/http/auth/api-key-cache.ts'
import { createAuthenticator } from '../../../src/http/auth/authenticator.ts'
import { DataVersions } from '../../../src/http/cache/data-versions.ts'
import { LiveHub } from '../../../src/live/live-hub.ts'
import type { Published } from '../oracle/history.ts'
import { type Answer, type Api, ask, type Request as ApiRequest } from '../process/service.ts'
import { migrated, openEmbeddedStore } from '../store/engine.ts'
import { storeFeed } from '../store/stored-feed.ts'
import { composeApp } from './compose-app.ts'

export interface TestApp extends Api {
  readonly fetch: (address: string, init?: RequestInit) => Promise<Response>
  get(path: string, request?: ApiRequest): Promise<Answer>
  /** Stores the events, each once; every response after it shows them. Throws for an event that would be rejected. */
  store(events: readonly Published[]): Promise<void>
  /** The queries of the app's store. */
  readonly port: QueryPort
  /** The log lines of the app. */
  log(): string
  close(): Promise<void>
}

/** Opens the app on its own database. `environment` is the environment of the service, and `given` has parts that the app lacks otherwise. */
export async function openApp(
  environment: Readonly<Record<string, string>> = {},
  given: Pick<Partial<AppDependencies>, 'reports' | 'schedules' | 'alerts' | 'isDeliveryConfigured'> = {},
): Promise<TestApp> {
  const secret = randomBytes(32).toString('hex')
  const config = parseConfig({ JWT_SECRET: secret, ...environment })
  const lines: string[] = []
  const clock = systemClock
  const logger = createJsonLogger({ level: 'info', clock, write: (line) => void lines.push(line) })
  const metrics = createServiceMetrics()
  const opened = await openEmbeddedStore(`app_${randomBytes(6).toString('hex')}`)
  const events = await migrated(opened)
  const versions = new DataVersions({ clock })
  let firstSequence = 1
  const shared = {
    port: createQueryPort(opened.store, clock, metrics),
    clock,
    logger,
    metrics,
    report: createUnexpectedErrorReporter(logger, metrics),
  }
  const live = new LiveHub({
    ...shared,
    maxClients: config.liveClients,
    maxClientsPerTenant: config.liveClientsPerTenant,
  })
  live.open()
  const { jwtSecret, jwtPublicKey: publicKey, jwtJwksUrl: jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = config
  const app = composeApp({
    ...given,
    ...shared,
    config,
    live,
    versions,
    authenticate: await createAuthenticator(
      { secret: jwtSecret, publicKey, jwksUrl, issuer, audience },
      new ApiKeyCache(createApiKeyStore(opened.store), clock),
    ),
    docsAssets: createDocsAssets(),
    page: { files: createPageFileReader(logger), development: undefined },
    writeExport: createFileWorker(clock),
    gzip: gzipResponse,
    metricsText: () => renderPrometheusText(Object.values(metrics)),
  })
  const fetch = async (address: string, init?: RequestInit) => {
    const request = new Request(address, init)
    if (!request.headers.has('host')) request.headers.set('host', new URL(address).host)
    return app.fetch(request)
  }
  const api = { baseUrl: 'http://localhost', secret, fetch }
  return {
    ...api,
    port: shared.port,
    get: (path, request) => ask(api, path, request),
    async store(published) {
      await storeFeed(events, published, clock.now(), { firstSequence })
      firstSequence += published.length
      for (const tenantId of new Set(published.map(([, envelope]) => envelope.tenantId))) versions.advance(tenantId)
    },
    log: () => lines.join('\n'),
    async close() {
      live.close()
      await opened.close()
    },
  }
}
