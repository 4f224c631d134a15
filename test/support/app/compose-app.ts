import { systemClock } from '../../../src/base/clock.ts'
import { ApiFailure } from '../../../src/base/errors.ts'
import { EventLoopYielder } from '../../../src/base/event-loop-yielding.ts'
import { createServiceMetrics } from '../../../src/base/service-metrics.ts'
import { createAsyncApiDocument } from '../../../src/events/asyncapi.ts'
import { parseConfig } from '../../../src/config.ts'
import { gzipResponse } from '../../../src/host/compress-asset.ts'
import { type App, type AppDependencies, createApp } from '../../../src/http/app.ts'
import { RequestAuditTrail } from '../../../src/http/audit/request-audit-trail.ts'
import { writeExport } from '../../../src/http/export/export-task.ts'
import { LiveHub } from '../../../src/live/live-hub.ts'
import { silentLogger } from '../base/silent-logger.ts'
import { noAlerts } from './no-alerts.ts'
import { noDefinitions, noDeliveries } from './no-definitions.ts'
import { TEST_FACTS } from '../store/facts/test-facts.ts'

/** The app of the service with the parts that a test supplies, and stand-ins for the others: no store, no broker, no files, no valid credential. */
export function composeApp(given: Partial<AppDependencies>): App {
  const noFiles = () => Promise.reject(new ApiFailure('UNAVAILABLE', 'There are no files.'))
  const shared = {
    port: { query: () => Promise.reject(new Error('The test app has no store.')) },
    clock: systemClock,
    logger: silentLogger,
    metrics: createServiceMetrics(),
    report: () => {},
    ...given,
  }
  return createApp({
    live: new LiveHub({ ...shared, maxClients: 1, maxClientsPerTenant: 1 }),
    versions: { of: () => 'version', load: () => undefined },
    facts: TEST_FACTS,
    authenticate: () => Promise.reject(new ApiFailure('UNAUTHORIZED', 'The test app accepts no credential.')),
    writeExport,
    gzip: gzipResponse,
    docsAssets: noFiles,
    eventsDocument: createAsyncApiDocument(),
    reports: noDefinitions(),
    schedules: noDefinitions(),
    alerts: noAlerts(),
    deliveries: noDeliveries(),
    isDeliveryConfigured: false,
    page: { files: noFiles, development: undefined },
    auditTrail: new RequestAuditTrail({ ...shared, store: { append: () => Promise.resolve() } }),
    config: parseConfig({}),
    yielder: new EventLoopYielder(),
    peerAddressOf: () => '127.0.0.1',
    readiness: () => [],
    metricsText: () => '',
    ...shared,
  })
}
