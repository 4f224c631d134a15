/** What a process consists of that stores events and keeps their facts, for tests that run several of them. */
import { systemClock } from '../../../../src/base/clock.ts'
import { FactsKeeper, type FactsKeeperOptions } from '../../../../src/clickhouse/facts/versions/facts-keeper.ts'
import { ONE_PARTITION } from '../../../../src/clickhouse/facts/versions/partition-progress.ts'
import { readVersions } from '../../../../src/clickhouse/facts/versions/version-table.ts'
import { type ClickHouseEventStore, createEventStore } from '../../../../src/clickhouse/write/event-store.ts'
import type { EventRow } from '../../../../src/events/event-row.ts'
import { RULES_VERSION } from '../../../../src/messages/classes/class-rules.ts'
import { rulesOfText } from '../../../../src/messages/classes/parse-class-rules.ts'
import { silentLogger } from '../../base/silent-logger.ts'
import type { TestStore } from '../engine.ts'
import { inBlock } from '../event-blocks.ts'

export interface FactsProcess {
  readonly events: ClickHouseEventStore
  readonly keeper: FactsKeeper
  /** The number of rounds of its background. */
  rounds(): number
  stop(): Promise<void>
}

export interface FactsProcessOptions extends Partial<FactsKeeperOptions> {
  /** The text of CLASSIFICATION_RULES. */
  readonly rules?: string
  readonly rulesVersion?: number
  readonly writerName?: string
  /** The partitions that it takes before it starts. */
  readonly takes?: readonly number[]
}

export async function startFactsProcess(
  { store, database }: TestStore,
  {
    rules = '{}',
    rulesVersion = RULES_VERSION,
    writerName = 'test',
    takes = [0],
    ...options
  }: FactsProcessOptions = {},
): Promise<FactsProcess> {
  const events = createEventStore(store, { writerName, classRules: rulesOfText(rules)!, rulesVersion })
  await events.open()
  let rounds = 0
  const keeper = new FactsKeeper({
    events,
    maintenance: store.maintenance,
    database,
    partitions: ONE_PARTITION,
    isLeader: () => true,
    onChange: () => rounds++,
    graceMs: 0,
    pollMs: 100,
    sliceEvents: 150,
    clock: systemClock,
    logger: silentLogger,
    report: (_, error) => {
      throw error
    },
    ...options,
  })
  for (const partition of takes) await keeper.take(partition)
  keeper.start()
  return { events, keeper, rounds: () => rounds, stop: () => keeper.stop(AbortSignal.timeout(20_000)) }
}

/** Stores the events and adds them to their messages. */
export async function ingest({ events }: Pick<FactsProcess, 'events'>, rows: readonly EventRow[]): Promise<void> {
  for (const block of blocksOf(events, rows)) {
    await events.insertRows(...block)
    await events.addToMessages(...block)
  }
}

/** Stores the events as a process that dies before it adds them to their messages. */
export async function insertOnly({ events }: Pick<FactsProcess, 'events'>, rows: readonly EventRow[]): Promise<void> {
  for (const block of blocksOf(events, rows)) await events.insertRows(...block)
}

/** An insert belongs to one partition of the events table. */
function blocksOf(events: ClickHouseEventStore, rows: readonly EventRow[]) {
  return [...Map.groupBy(rows, (row) => events.storePartitionOf(row.occurred_at)).values()].map(inBlock)
}

/** The states of all versions by their numbers. */
export async function versionStates({ store }: TestStore): Promise<Record<number, string>> {
  return Object.fromEntries((await readVersions(store.lookups)).map(({ number, state }) => [number, state]))
}
