import type { NatsConnection } from 'nats'
import type { AlertDefinition } from '../../alerts/alert-definition.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { DefinitionFeed, DefinitionStore } from '../../definitions/ports.ts'
import { Definitions } from '../../nats/definitions/definitions.ts'
import type { Report } from '../../reports/report.ts'
import type { Schedule } from '../../reports/schedule/schedule.ts'

/** What tenants define, by kind. */
export interface TenantDefinitions {
  readonly stores: {
    readonly reports: DefinitionStore<Report> & DefinitionFeed<Report>
    readonly schedules: DefinitionStore<Schedule> & DefinitionFeed<Schedule>
    readonly alertRules: DefinitionStore<AlertDefinition> & DefinitionFeed<AlertDefinition>
  }
  /** Follows the broker until the signal aborts; every store is unavailable before. */
  run(connection: NatsConnection, signal: AbortSignal): Promise<void>
}

export function createTenantDefinitions(parts: { readonly clock: Clock; readonly logger: Logger }): TenantDefinitions {
  const definitions = new Definitions({ ...parts, newId: () => crypto.randomUUID() })
  return {
    stores: {
      reports: definitions.of<Report>('report'),
      schedules: definitions.of<Schedule>('schedule'),
      alertRules: definitions.of<AlertDefinition>('alert'),
    },
    run: (connection, signal) => definitions.run(connection, signal),
  }
}
