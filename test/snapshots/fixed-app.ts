import { createApiKeyStore } from '../../src/clickhouse/access/api-key-store.ts'
import { createQueryPort } from '../../src/clickhouse/read/query-port.ts'
import { createRequestAuditStore } from '../../src/clickhouse/access/request-audit-store.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { parseConfig } from '../../src/config.ts'
import { ApiKeyCache } from '../../src/http/auth/api-key-cache.ts'
import { composeApp } from '../support/app/compose-app.ts'
import { RequestAuditTrail } from '../../src/http/audit/request-audit-trail.ts'
import { createAuthenticator } from '../../src/http/auth/authenticator.ts'
import { createServiceMetrics } from '../../src/base/service-metrics.ts'
import { migrated, openEmbeddedStore } from '../support/store/engine.ts'
import { silentLogger } from '../support/base/silent-logger.ts'
import { storeFeed } from '../support/store/stored-feed.ts'
import { type Claims, token } from '../support/http/tokens.ts'
import { trafficOf } from '../support/traffic/traffic.ts'

const DAY_MS = 86_400_000
/** A Wednesday. In the ten days before it the clocks changed in Berlin (29 March) and on Lord Howe Island (5 April). */
const NOW = Date.parse('2026-04-08T10:30:00.000Z')
const SECRET = 'a fixed secret of at least 32 bytes'

/** Browsers may use the app from its pages. */
export const CONFIGURED_ORIGIN = 'https://app.example'

export interface FixedApp {
  request(path: string, options?: RequestOptions): Promise<Response>
  close(): Promise<void>
}

export interface RequestOptions {
  readonly claims?: Claims
  readonly method?: string
  /** They replace those of the same name, so that an empty `authorization` stands for none. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The app over the embedded engine with a fixed data set, at a fixed time of day. Its monotonic clock runs. */
export async function openFixedApp(database: string): Promise<FixedApp> {
  const opened = await openEmbeddedStore(database)
  const { store } = opened
  const tenants = ['tenant-a', 'tenant-b']
  const feed = trafficOf({ seed: 17, tenants, messages: 150, fromMs: NOW - 80 * DAY_MS, toMs: NOW })
  await storeFeed(await migrated(opened), feed, NOW)
  const clock: Clock = { ...systemClock, now: () => NOW }
  const metrics = createServiceMetrics()
  const port = createQueryPort(store, clock, metrics)
  const shared = { port, clock, logger: silentLogger, metrics, report: () => {} }
  const authenticate = await createAuthenticator(
    { secret: SECRET, publicKey: undefined, jwksUrl: undefined, issuer: undefined, audience: undefined },
    new ApiKeyCache(createApiKeyStore(store), clock),
  )
  const app = composeApp({
    ...shared,
    authenticate,
    auditTrail: new RequestAuditTrail({ ...shared, store: createRequestAuditStore(store.auditConnection) }),
    config: parseConfig({ CORS_ORIGINS: CONFIGURED_ORIGIN }),
    peerAddressOf: () => '192.0.2.1',
    readiness: () => [{ name: 'store', isReady: true, message: 'ok' }],
  })
  return {
    async request(path, { claims, method = 'GET', headers = {} } = {}) {
      const authorization = `Bearer ${token(SECRET, { tenantId: 'tenant-a', ...claims })}`
      const all = new Headers({ host: 'localhost', authorization, ...headers })
      if (headers['authorization'] === '') all.delete('authorization')
      return app.handle(new Request(`http://localhost${path}`, { method, headers: all }))
    },
    close: () => opened.close(),
  }
}
