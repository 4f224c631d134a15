import { systemClock } from '../../../src/base/clock.ts'
import type { Store } from '../../../src/clickhouse/connection/store-connection.ts'
import { runMaintenance } from '../../../src/clickhouse/schema/maintenance.ts'
import { waitForMutations } from '../../../src/clickhouse/schema/mutations.ts'

/** Merges the events of each month into one part with its projections, as after long operation. Throws when the engine does not merge them. */
export async function mergeMonths({ maintenance }: Store, database: string): Promise<void> {
  // Parts with and without projections are not merged with each other: the latter get theirs first.
  await runMaintenance(maintenance, database, { tenantCount: 1, graceSeconds: 0 })
  await waitForMutations(maintenance, { database, commands: 'MATERIALIZE', clock: systemClock })
  // By default, the statement has no effect where it cannot merge.
  await maintenance.command(`OPTIMIZE TABLE ${database}.analytics_events FINAL SETTINGS optimize_throw_if_noop = 1`)
}
