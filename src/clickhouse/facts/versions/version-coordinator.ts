/**
 * Begins, completes and deletes versions of the facts. In a cluster the leader alone does this. A version is begun when all processes that store events are configured with the
 * same rules, so that processes with different rules, as during a deployment, never replace each other's versions.
 */
import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import { named } from '../../connection/named-statement.ts'
import { quoteIdentifier, quoteText } from '../../connection/sql-literals.ts'
import type { StoreConnection } from '../../connection/store-connection.ts'
import { type TenantPartitions, wantedOf } from './partition-progress.ts'
import { readProgress } from './progress-table.ts'
import { activeVersion, type FactsVersion, writeVersion } from './version-table.ts'
import type { WrittenVersions } from './written-versions.ts'

/** Longer than a response takes that reads the rows of a replaced version, and than it takes until all processes know that it is replaced. */
const GRACE_MS = 60_000
/** Longer than a rolling deployment. */
const DEPLOYMENT_MS = 600_000

const LIST_PARTITIONS = (table: string, select: (sql: string) => string) =>
  named(
    'list_partitions_of_facts',
    `
  SELECT DISTINCT id FROM ${select(`
    SELECT partition_id AS id FROM system.parts
    WHERE database = {database:String} AND table = '${table}' AND active AND startsWith(partition_id, {prefix:String})`)}
  ORDER BY id`,
  )

export interface VersionCoordinatorOptions {
  readonly facts: WrittenVersions
  /** For short statements; its default database is that of the service. */
  readonly connection: StoreConnection
  /** For statements that take longer. */
  readonly maintenance: StoreConnection
  readonly database: string
  readonly partitions: TenantPartitions
  readonly graceMs?: number | undefined
  readonly clock: Clock
  readonly logger: Logger
}

export class VersionCoordinator {
  readonly #options: VersionCoordinatorOptions
  /** When a replaced version was seen first, by its number. */
  readonly #retiredAt = new Map<number, number>()
  /** Since when processes have different rules. */
  #disagreedSince: number | undefined
  #isDisagreementLogged = false

  constructor(options: VersionCoordinatorOptions) {
    this.#options = options
  }

  /** Whether no step follows without another cause. */
  get isSettled(): boolean {
    const { facts } = this.#options
    const { live, versions } = facts
    return live.length === 1 && versions.every(({ state }) => state === 'active' || state === 'deleted')
  }

  /** Takes the steps that are due; resolves with whether the versions have changed. Rejects with a StoreFailure. */
  async run(): Promise<boolean> {
    const isChanged = (await this.#complete()) || (await this.#begin())
    return (await this.#retire()) || (await this.#delete()) || isChanged
  }

  async #complete(): Promise<boolean> {
    const { facts, connection, partitions, logger } = this.#options
    const newest = facts.live.at(-1)
    if (newest?.state !== 'building') return false
    const rows = await readProgress(connection, [newest.number])
    if (rows.length < partitions.count || rows.some((row) => row.is_complete === 0)) return false
    await writeVersion(connection, { ...newest, state: 'active' })
    logger.info('facts of messages: version active', { version: newest.number, rulesVersion: newest.rulesVersion })
    return true
  }

  async #begin(): Promise<boolean> {
    const { facts, connection, logger } = this.#options
    const newest = facts.live.at(-1)
    if (newest === undefined || facts.isWanted(newest)) return false
    const { rulesVersion, rules } = facts.wanted
    if (newest.rulesVersion > rulesVersion || !(await this.#isAgreed(newest))) return false
    const number = Math.max(...facts.versions.map((version) => version.number)) + 1
    await writeVersion(connection, { number, rulesVersion, rulesText: rules.text, state: 'building' })
    logger.info('facts of messages: version begun', { version: number, rulesVersion })
    return true
  }

  async #isAgreed(newest: FactsVersion): Promise<boolean> {
    const { facts, connection, partitions, clock, logger } = this.#options
    const rows = await readProgress(connection, [newest.number])
    const wanted = wantedOf(facts)
    const isAgreed = rows.length === partitions.count && rows.every((row) => row.wanted === wanted)
    this.#disagreedSince = isAgreed ? undefined : (this.#disagreedSince ?? clock.monotonic())
    const isLasting = clock.monotonic() - (this.#disagreedSince ?? Infinity) > DEPLOYMENT_MS
    if (isLasting && !this.#isDisagreementLogged)
      logger.warn('facts of messages: processes have different rules; the stored messages keep theirs', {
        version: newest.number,
      })
    this.#isDisagreementLogged = isLasting
    return isAgreed
  }

  /** Marks versions that a later one has replaced. */
  async #retire(): Promise<boolean> {
    const { facts, connection, logger } = this.#options
    const { live, versions } = facts
    const active = activeVersion(versions)
    const isReplaced = (version: FactsVersion) =>
      (version.state === 'building' || version.state === 'active') &&
      !live.includes(version) &&
      version.number < (live.at(-1)?.number ?? active?.number ?? 0)
    const replaced = versions.filter(isReplaced)
    for (const version of replaced) {
      await writeVersion(connection, { ...version, state: 'retired' })
      logger.info('facts of messages: version replaced', { version: version.number })
    }
    return replaced.length > 0
  }

  /** Drops the rows of a version that was replaced a while ago. */
  async #delete(): Promise<boolean> {
    const { facts, connection, maintenance, database, clock, logger, graceMs = GRACE_MS } = this.#options
    let isChanged = false
    for (const version of facts.versions.filter(({ state }) => state === 'retired')) {
      const now = clock.monotonic()
      const since = this.#retiredAt.get(version.number) ?? now
      this.#retiredAt.set(version.number, since)
      if (now - since < graceMs) continue
      const { storageTable, onCluster, oncePerShard } = connection.topology
      const table = storageTable('analytics_message_facts')
      const ids = await maintenance.query<{ id: string }>(LIST_PARTITIONS(table, oncePerShard), {
        database,
        prefix: `${version.number}-`,
      })
      for (const { id } of ids)
        await maintenance.command(
          `ALTER TABLE ${quoteIdentifier(database)}.${table}${onCluster} DROP PARTITION ID ${quoteText(id)}`,
        )
      await writeVersion(connection, { ...version, state: 'deleted' })
      logger.info('facts of messages: version deleted', { version: version.number, partitions: ids.length })
      isChanged = true
    }
    return isChanged
  }
}
