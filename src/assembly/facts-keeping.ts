import { FactsKeeper } from '../clickhouse/facts/versions/facts-keeper.ts'
import type { TenantPartitions } from '../clickhouse/facts/versions/partition-progress.ts'
import type { ClickHouseEventStore } from '../clickhouse/write/event-store.ts'
import type { IngestionAssemblyOptions } from './ingestion/ingestion-parts.ts'

/** Creates the background that keeps the facts of messages complete, for the events that a store writes. */
export function createFactsKeeper(
  { store, config, versions, onFactsChanged, yielder, clock, logger, report }: IngestionAssemblyOptions,
  events: ClickHouseEventStore,
  { partitions, isLeader }: { readonly partitions: TenantPartitions; readonly isLeader: () => boolean },
): FactsKeeper {
  return new FactsKeeper({
    events,
    maintenance: store.maintenance,
    database: config.clickhouseDatabase,
    partitions,
    isLeader,
    onChange: onFactsChanged,
    onRepaired: () => versions.advanceAll(),
    yielder,
    clock,
    logger,
    report,
  })
}
