import type { CallWebhook } from '../alerts/ports.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Counter, Gauge } from '../base/prometheus.ts'
import type { ServiceMetrics } from '../base/service-metrics.ts'
import type { ReportUnexpectedError } from '../base/unexpected-errors.ts'
import type { Migration } from '../clickhouse/schema/migrate.ts'
import type { Sha1 } from '../base/bytes/sha1.ts'
import type { AppPlatform } from '../http/app.ts'
import type { NatsCredentials } from '../nats/connection.ts'

/** Everything that the service takes from its runtime and its machine: clocks, files, the broker's address, the metrics of the process. */
export interface Platform extends AppPlatform {
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: ServiceMetrics
  readonly report: ReportUnexpectedError
  /** The runtime's SHA-1. */
  readonly sha1: Sha1
  readonly migrations: readonly Migration[]
  /** The data folder of the embedded engine. */
  readonly enginePath: string
  /** The addresses of the broker; those of the local server when none is configured. */
  readonly natsServers: readonly string[]
  readonly natsCredentials: NatsCredentials
  /** Calls addresses that tenants choose. */
  readonly callWebhook: CallWebhook
  /** Measures the metrics of this process at each call. */
  readonly processMetrics: () => readonly (Counter | Gauge)[]
  /** The HS256 key: configured, or created for development. */
  readonly jwtSecret: string | undefined
}
