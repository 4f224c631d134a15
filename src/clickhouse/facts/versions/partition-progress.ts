/**
 * The progress of the versions in the partitions of tenants that this process stores. It is kept in memory and saved under a new revision, so that the next owner of a partition
 * continues where this one ended.
 */
import { TaskQueue } from '../../../base/task-queue.ts'
import { textKey } from '../../../messages/text-hash.ts'
import { named, UNQUOTED_INTEGERS } from '../../connection/named-statement.ts'
import type { EventWriter } from '../../connection/store-connection.ts'
import { type ProgressRow, readProgress, writeProgress } from './progress-table.ts'
import type { UnsettledBlocks } from './unsettled-blocks.ts'
import type { FactsVersion } from './version-table.ts'
import type { WrittenVersions } from './written-versions.ts'

/** Which tenants are stored by the same process at any time. */
export interface TenantPartitions {
  readonly count: number
  of(tenantId: string): number
}

/** Where a single process stores all tenants. */
export const ONE_PARTITION: TenantPartitions = { count: 1, of: () => 0 }

/** The position of a version that has read all stored events. */
export const END_POSITION = 'end'
/** More than the clocks of the servers differ, and than they are set back. */
const CLOCK_MARGIN_MS = 60_000
const READ_CLOCK = named('read_clock', 'SELECT toUnixTimestamp64Milli(now64(3)) AS now', UNQUOTED_INTEGERS)

interface OwnedPartition {
  readonly rows: Map<number, ProgressRow>
  /** Events that were stored since may be missing in the facts; undefined = none are. */
  missingSince: number | undefined
  isClosed: boolean
}

/** A partition since it was taken; another object when it is taken again. */
export type PartitionToRepair = Readonly<Pick<OwnedPartition, 'missingSince'>>

export interface PartitionProgressOptions {
  readonly writer: EventWriter
  readonly facts: WrittenVersions
  readonly unsettledBlocks: UnsettledBlocks
}

export class PartitionProgress {
  readonly #options: PartitionProgressOptions
  readonly #owned = new Map<number, OwnedPartition>()
  readonly #unsaved = new Set<string>()
  readonly #saves = new TaskQueue()
  #blocksAtCheckpoint = 0

  constructor(options: PartitionProgressOptions) {
    this.#options = options
  }

  owns(partition: number): boolean {
    return this.#owned.get(partition)?.isClosed === false
  }

  get ownedPartitions(): number[] {
    return [...this.#owned.keys()].filter((partition) => this.owns(partition))
  }

  /** The partitions in which events may be missing. */
  get partitionsToRepair(): ReadonlyMap<number, PartitionToRepair> {
    return new Map([...this.#owned].filter(([, { missingSince }]) => missingSince !== undefined))
  }

  row(number: number, partition: number): ProgressRow | undefined {
    return this.#owned.get(partition)?.rows.get(number)
  }

  /** From now on this process stores the partition. Its predecessor must not write any more. Rejects with a StoreFailure. */
  async take(partition: number): Promise<void> {
    const { facts, writer } = this.#options
    const numbers = facts.live.map(({ number }) => number)
    const stored = (await readProgress(writer, numbers)).filter((row) => row.tenant_partition === partition)
    const written = stored.filter(({ number }) =>
      facts.live.some((one) => one.number === number && facts.isWritten(one)),
    )
    const owned = {
      rows: new Map(stored.map((row) => [row.number, row])),
      missingSince: written.length === 0 ? undefined : Math.min(...written.map((row) => row.written_until)),
      isClosed: false,
    }
    this.#owned.set(partition, owned)
    await this.includeNewVersions()
    for (const version of facts.live)
      // A version is complete only while its owner writes it, and nothing is missing.
      this.update(version.number, partition, {
        wanted: wantedOf(facts),
        ...(version.state === 'building' ? { is_complete: 0 } : {}),
      })
    await this.save()
  }

  /** Adds rows for versions that were begun since. Rejects with a StoreFailure. */
  async includeNewVersions(): Promise<void> {
    const { facts } = this.#options
    const isMissing = (number: number) => [...this.#owned.values()].some(({ rows }) => !rows.has(number))
    const added = facts.live.filter(({ number }) => isMissing(number))
    if (added.length === 0) return
    const now = await this.#now()
    for (const [partition, { rows }] of this.#owned)
      for (const version of added.filter(({ number }) => !rows.has(number))) {
        rows.set(version.number, newRow(version, partition, now))
        this.update(version.number, partition, { wanted: wantedOf(facts) })
      }
    await this.save()
  }

  update(number: number, partition: number, changes: Partial<ProgressRow>): void {
    const rows = this.#owned.get(partition)?.rows
    const row = rows?.get(number)
    if (!rows || !row) return
    rows.set(number, { ...row, ...changes })
    this.#unsaved.add(`${number} ${partition}`)
  }

  /** Nothing is missing in these partitions, as they were returned by `partitionsToRepair`. */
  markRepaired(partitions: ReadonlyMap<number, PartitionToRepair>): void {
    for (const [partition, repaired] of partitions) {
      const owned = this.#owned.get(partition)
      if (!owned || owned !== repaired) continue
      owned.missingSince = undefined
      this.#blocksAtCheckpoint = -1
      for (const { number, position } of owned.rows.values())
        if (position === END_POSITION) this.update(number, partition, { is_complete: 1 })
    }
  }

  /** Records that everything that was stored up to now is in the facts, once that is so. Rejects with a StoreFailure. */
  async checkpoint(): Promise<void> {
    const { unsettledBlocks } = this.#options
    if (unsettledBlocks.count === this.#blocksAtCheckpoint) return
    const { count } = unsettledBlocks
    const now = await this.#now()
    const partitions = this.ownedPartitions
    await unsettledBlocks.settledSoFar()
    this.#setWrittenUntil(partitions, now - CLOCK_MARGIN_MS)
    await this.save()
    this.#blocksAtCheckpoint = count
  }

  /** This process does not own the partition any more; its progress is still known. */
  close(partition: number): void {
    const owned = this.#owned.get(partition)
    if (owned) owned.isClosed = true
  }

  /** Another process stores the closed partitions from now on. All of their events have to be settled, or `areSettled` is false. Rejects with a StoreFailure. */
  async releaseClosed(areSettled: boolean): Promise<void> {
    const closed = [...this.#owned.keys()].filter((partition) => !this.owns(partition))
    if (closed.length === 0) return
    if (areSettled) this.#setWrittenUntil(closed, await this.#now())
    await this.save()
    for (const partition of closed) this.#owned.delete(partition)
  }

  /** Saves all changes. Rejects with a StoreFailure; the next call saves them too then. */
  save(): Promise<void> {
    return this.#saves.run(async () => {
      const keys = [...this.#unsaved]
      this.#unsaved.clear()
      try {
        await writeProgress(
          this.#options.writer,
          keys.flatMap((key) => this.#nextRow(key) ?? []),
        )
      } catch (error) {
        for (const key of keys) this.#unsaved.add(key)
        throw error
      }
    })
  }

  #nextRow(key: string): ProgressRow | undefined {
    const [number, partition] = key.split(' ').map(Number) as [number, number]
    const row = this.row(number, partition)
    const next = row && { ...row, revision: row.revision + 1 }
    if (next) this.#owned.get(partition)!.rows.set(number, next)
    return next
  }

  #setWrittenUntil(partitions: readonly number[], until: number): void {
    const { facts } = this.#options
    const written = facts.live.filter((version) => facts.isWritten(version))
    for (const partition of partitions) {
      if (this.#owned.get(partition)?.missingSince !== undefined) continue
      for (const { number } of written) this.update(number, partition, { written_until: until })
    }
  }

  /** By the clock of the store, which also sets `ingested_at`. */
  async #now(): Promise<number> {
    const [row] = await this.#options.writer.query<{ now: number }>(READ_CLOCK)
    return row!.now
  }
}

/** A short text that is different for other rules. */
export function wantedOf({ wanted }: WrittenVersions): string {
  return `${wanted.rulesVersion} ${textKey(wanted.rules.identity)}`
}

function newRow({ number, state }: FactsVersion, partition: number, now: number): ProgressRow {
  const isComplete = state === 'active'
  return {
    number,
    tenant_partition: partition,
    revision: 0,
    wanted: '',
    position: isComplete ? END_POSITION : '',
    events: 0,
    events_done: 0,
    is_complete: isComplete ? 1 : 0,
    written_until: now,
  }
}
