/**
 * Answers which of some ids are stored, at a cost by the number of ids in question. A filter in this process recognises nearly all new ids; the store is asked for the
 * others. The filter is read from a file, or built from the store in the background. As long as it does not contain all ids of a range, every id of that range is asked
 * for: answers are exact at any time.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { FilterSaver } from './filter-saver.ts'
import { StoredIdFilter } from './stored-id-filter.ts'
import { findIds, findIdsAtKeys } from './stored-id-lookup.ts'
import type { GivenKeys } from './stored-id-queries.ts'
import { ALL_IDS, readIdRanges } from './stored-id-reading.ts'

const ID_BYTES = 16
/** With more ids than this, most of them are usually repeated events, which are stored with the same primary keys. */
const MIN_IDS_FOR_KEYS = 500
/** After a failed build, a lookup starts the next one when this time has passed. */
const RETRY_MS = 10_000

export interface StoredIdIndexOptions {
  /** Without a filter every id is asked for. */
  readonly filter?: StoredIdFilter | undefined
  /** Ends the work in the background. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
  /** About the number of ids that one query of a build reads. */
  readonly portionRows?: number
}

/** The state of the filter. */
export interface StoredIdFilterState {
  /** Whether it contains every stored id. */
  readonly isComplete: boolean
  readonly ids: number
  readonly bytes: number
}

/** The ids are in one array, 16 bytes each, in the layout of the engine: each half of a UUID in reverse order. */
export class StoredIdIndex {
  readonly #connection: EventWriter
  readonly #saver: FilterSaver | undefined
  readonly #signal: AbortSignal | undefined
  readonly #clock: Clock
  readonly #portion: { readonly portionRows?: number }
  #filter: StoredIdFilter | undefined
  /** Every stored id below this number is in the filter, by the first 32 bits of its second half. */
  #end = 0
  /** Changes when other processes may have stored ids. */
  #generation = 0
  /** Takes the place of the filter when it is complete. */
  #replacement: StoredIdFilter | undefined
  /** The ids of inserts that may take effect at any time. */
  readonly #unsettled = new Set<Uint8Array>()
  #isFileRead = false
  #restoring: Promise<void> | undefined
  #building: Promise<void> | undefined
  #maintenance: Promise<void> | undefined
  /** Builds and maintenance run one after the other. */
  #lastTask: Promise<void> = Promise.resolve()
  #isBuildWanted = false
  #failedAt = -Infinity

  constructor(
    connection: EventWriter,
    { filter, signal, clock = systemClock, portionRows }: StoredIdIndexOptions = {},
  ) {
    this.#connection = connection
    this.#filter = filter
    this.#signal = signal
    this.#clock = clock
    this.#portion = portionRows === undefined ? {} : { portionRows }
    const file = connection.derivedFile
    if (filter && file) this.#saver = new FilterSaver({ connection, file, clock })
  }

  /** Whether the filter contains every stored id. */
  get isComplete(): boolean {
    return this.#end === ALL_IDS
  }

  /** Undefined without a filter. */
  get filterState(): StoredIdFilterState | undefined {
    const filter = this.#filter
    return filter && { isComplete: this.isComplete, ids: filter.idCount, bytes: filter.byteCount }
  }

  /** Has to be called before the insert of these ids is sent, and `settle` with the same array afterwards. */
  add(ids: Uint8Array): void {
    if (this.#filter === undefined) return
    this.#filter.add(ids)
    this.#replacement?.add(ids)
    this.#unsettled.add(ids)
    this.#saver?.countNew(ids.length / ID_BYTES)
    this.#maintainIfDue()
  }

  /** The insert of these ids was confirmed. Others are settled when the writer was fenced: see `addedIds`. */
  settle(added: Iterable<Uint8Array>): void {
    for (const ids of added) this.#unsettled.delete(ids)
  }

  /** The added ids that are not settled. */
  addedIds(): Uint8Array[] {
    return [...this.#unsettled]
  }

  /** Other processes may have stored ids: builds the filter again. To be called after they were fenced. */
  invalidate(): void {
    this.#generation++
    this.#end = 0
    this.#failedAt = -Infinity
    void this.build()
  }

  /** Builds the filter in the background. Resolves when the build has ended; `isComplete` tells whether it succeeded. Call it only when no other process inserts. */
  build(): Promise<void> {
    this.#isBuildWanted = this.#filter !== undefined
    this.#building ??= this.#enqueue(() => this.#build()).finally(() => (this.#building = undefined))
    return this.#building
  }

  /** Writes the file. To be called when no more inserts follow. Gives up when `deadline` aborts. */
  async close(deadline?: AbortSignal): Promise<void> {
    await this.#enqueue(async () => {
      await this.#saver?.save(() => (this.isComplete && !deadline?.aborted ? this.#filter : undefined), true)
    })
  }

  /**
   * The positions of the ids that are stored, ascending. `keysOf` returns the primary keys of the events at these positions; without it each id is looked up by itself.
   * Rejects with a StoreFailure.
   */
  async find(ids: Uint8Array, keysOf?: (positions: Uint32Array<ArrayBuffer>) => GivenKeys): Promise<Uint32Array> {
    // Reading the file takes less time than asking the store for every id.
    await this.#restoring
    const candidates = this.#candidates(ids)
    const repeated =
      keysOf && candidates.length > MIN_IDS_FOR_KEYS
        ? await findIdsAtKeys(this.#connection, ids, candidates, keysOf)
        : new Set<number>()
    const others = repeated.size === 0 ? candidates : candidates.filter((position) => !repeated.has(position))
    const found = await findIds(this.#connection, ids, others)
    return Uint32Array.from([...repeated, ...found]).sort()
  }

  #candidates(ids: Uint8Array): Uint32Array<ArrayBuffer> {
    if (this.#isBuildWanted && !this.isComplete && this.#clock.monotonic() - this.#failedAt > RETRY_MS)
      void this.build()
    if (this.#filter && this.#end > 0) return this.#filter.candidates(ids, this.#end)
    return Uint32Array.from({ length: ids.length / ID_BYTES }, (_, position) => position)
  }

  /** Never rejects. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#lastTask = this.#lastTask.then(task).catch(() => {})
    return this.#lastTask
  }

  async #build(): Promise<void> {
    const filter = this.#filter
    if (filter === undefined) return
    try {
      this.#failedAt = -Infinity
      while (!this.isComplete && !this.#signal?.aborted) {
        const isEnded = this.#endOfGeneration()
        await this.#restore(filter, isEnded)
        const reading = { connection: this.#connection, filter, isEnded, ...this.#portion }
        if (!this.isComplete) await readIdRanges(reading, this.#end, (end) => (this.#end = end))
      }
      this.#maintainIfDue()
    } catch {
      // Lookups ask the store until a later build succeeds.
      this.#failedAt = this.#clock.monotonic()
    }
  }

  /** Reads the file once: later builds begin with a filter that contains it. Never rejects. */
  async #restore(filter: StoredIdFilter, isEnded: () => boolean): Promise<void> {
    if (this.#isFileRead || this.#saver === undefined) return
    this.#isFileRead = true
    // Lookups wait for this promise: the filter is complete before they go on.
    this.#restoring = this.#readFile(this.#saver, filter, isEnded).finally(() => (this.#restoring = undefined))
    await this.#restoring
  }

  async #readFile(saver: FilterSaver, filter: StoredIdFilter, isEnded: () => boolean): Promise<void> {
    try {
      if ((await saver.restore(filter, isEnded)) && !isEnded()) this.#end = ALL_IDS
    } catch {
      // A file that is damaged or cannot be read is as good as none.
    }
  }

  #endOfGeneration(): () => boolean {
    const generation = this.#generation
    return () => generation !== this.#generation || this.#signal?.aborted === true
  }

  #maintainIfDue(): void {
    if (!this.isComplete || this.#maintenance !== undefined || this.#signal?.aborted) return
    if (!this.#filter?.isFragmented && !this.#saver?.isDue) return
    this.#maintenance = this.#enqueue(() => this.#maintain()).finally(() => (this.#maintenance = undefined))
  }

  async #maintain(): Promise<void> {
    const isEnded = this.#endOfGeneration()
    if (this.#filter?.isFragmented) await this.#replace(this.#filter.maxBytes, isEnded)
    await this.#saver?.save(() => (this.isComplete && !isEnded() ? this.#filter : undefined))
  }

  /** Builds a filter of one segment, while the other one answers. */
  async #replace(maxBytes: number, isEnded: () => boolean): Promise<void> {
    const filter = new StoredIdFilter(maxBytes)
    this.#replacement = filter
    try {
      for (const ids of this.#unsettled) filter.add(ids)
      let readEnd = 0
      const reading = { connection: this.#connection, filter, isEnded, ...this.#portion }
      await readIdRanges(reading, 0, (end) => (readEnd = end))
      if (readEnd === ALL_IDS && !isEnded()) this.#filter = filter
    } finally {
      this.#replacement = undefined
    }
  }
}
