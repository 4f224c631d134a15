/** Saved reports, their schedules and their delivery. */
import type { NatsConnection } from 'nats'
import type { FactsSource } from '../../analytics/engagement/facts-as-of.ts'
import type { QueryPort } from '../../analytics/query/tenant-query.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Config } from '../../config.ts'
import type { AppDependencies } from '../../http/app.ts'
import type { ExportWriter } from '../../http/export/export-task.ts'
import { createReportWriter } from '../../http/reports/report-file.ts'
import { createReportRunner } from '../../http/reports/run-blocks.ts'
import { DefinitionBucket } from '../../nats/definitions/definition-bucket.ts'
import { ReportDelivery } from './report-delivery.ts'
import { createTenantDefinitions, type TenantDefinitions } from './tenant-definitions.ts'

export interface ReportingOptions {
  readonly port: QueryPort
  readonly facts: FactsSource
  readonly writeExport: ExportWriter
  readonly config: Config
  readonly clock: Clock
  readonly logger: Logger
}

export class Reporting {
  readonly appParts: Pick<AppDependencies, 'reports' | 'schedules' | 'deliveries' | 'isDeliveryConfigured'>
  readonly alertRules: TenantDefinitions['stores']['alertRules']
  readonly #definitions: TenantDefinitions
  readonly #delivery: ReportDelivery
  #isFollowing = false

  constructor(options: ReportingOptions) {
    this.#definitions = createTenantDefinitions(options)
    const { alertRules, ...stores } = this.#definitions.stores
    this.alertRules = alertRules
    this.#delivery = new ReportDelivery({
      ...options,
      ...stores,
      runReport: createReportRunner(options),
      writeReport: createReportWriter(options.writeExport),
    })
    const { deliveries } = this.#delivery
    this.appParts = { ...stores, deliveries, isDeliveryConfigured: deliveries.isConfigured }
  }

  /** Follows the definitions until the signal aborts, where their bucket exists: they can be read as soon as the service is ready. */
  async followStored(connection: NatsConnection, signal: AbortSignal): Promise<void> {
    if (await new DefinitionBucket(connection).exists()) this.#follow(connection, signal)
  }

  /** Follows the definitions, and runs schedules until `stop`. New buckets come after ingestion, whose streams have to fit on a small broker. */
  start(connection: NatsConnection, signal: AbortSignal): void {
    this.#follow(connection, signal)
    this.#delivery.start(connection)
  }

  #follow(connection: NatsConnection, signal: AbortSignal): void {
    if (this.#isFollowing) return
    this.#isFollowing = true
    void this.#definitions.run(connection, signal)
  }

  /** Resolves when the mails in progress were sent, or at the deadline. */
  async stop(deadline: AbortSignal): Promise<void> {
    await this.#delivery.stop(deadline)
  }
}
