/**
 * Tells which of some keys are certainly not stored, so that the store has to be asked for few of them. The filter in this process is read from a file, or built from the store
 * in the background. As long as it does not contain all keys of a range, every key of that range may be stored: answers are exact at any time.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { FilterSaver } from './filter-saver.ts'
import { ALL_KEYS, type FilterSource } from './filter-source.ts'
import { StoredIdFilter } from './stored-id-filter.ts'
import { readIdRanges } from './stored-id-reading.ts'

/** After a failed build, a lookup starts the next one when this time has passed. */
const RETRY_MS = 10_000

export interface CompleteFilterOptions {
  /** Without a filter every id is asked for. */
  readonly filter?: StoredIdFilter | undefined
  /** Ends the work in the background. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
  /** About the number of ids that one query of a build reads. */
  readonly portionRows?: number
}

/** The state of the filter. */
export interface FilterState {
  /** Whether it contains every stored id. */
  readonly isComplete: boolean
  readonly ids: number
  readonly bytes: number
}

/** The ids are in one array, in the layout of the engine. */
export class CompleteFilter {
  readonly #connection: EventWriter
  readonly #source: FilterSource
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
    source: FilterSource,
    { filter, signal, clock = systemClock, portionRows }: CompleteFilterOptions = {},
  ) {
    this.#connection = connection
    this.#source = source
    this.#filter = filter
    this.#signal = signal
    this.#clock = clock
    this.#portion = portionRows === undefined ? {} : { portionRows }
    const file = connection.derivedFile?.(source.file)
    if (filter && file) this.#saver = new FilterSaver({ connection, source, file, clock })
  }

  /** Whether the filter contains every stored id. */
  get isComplete(): boolean {
    return this.#end === ALL_KEYS
  }

  /** Undefined without a filter. */
  get filterState(): FilterState | undefined {
    const filter = this.#filter
    return filter && { isComplete: this.isComplete, ids: filter.idCount, bytes: filter.byteCount }
  }

  /** Has to be called before the insert of these ids is sent, and `settle` with the same array afterwards. */
  add(ids: Uint8Array): void {
    if (this.#filter === undefined) return
    this.#filter.add(ids, this.#source.keyBytes)
    this.#replacement?.add(ids, this.#source.keyBytes)
    this.#unsettled.add(ids)
    this.#saver?.countNew(ids.length / this.#source.keyBytes)
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

  /** The positions of the ids that may be stored, ascending; the others are not. */
  async candidates(ids: Uint8Array): Promise<Uint32Array<ArrayBuffer>> {
    // Reading the file takes less time than asking the store for every id.
    await this.#restoring
    if (this.#isBuildWanted && !this.isComplete && this.#clock.monotonic() - this.#failedAt > RETRY_MS)
      void this.build()
    if (this.#filter && this.#end > 0) return this.#filter.candidates(ids, this.#end, this.#source.keyBytes)
    return Uint32Array.from({ length: ids.length / this.#source.keyBytes }, (_, position) => position)
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
        const reading = { connection: this.#connection, source: this.#source, filter, isEnded, ...this.#portion }
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
      if ((await saver.restore(filter, isEnded)) && !isEnded()) this.#end = ALL_KEYS
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
    if (this.#filter?.isFragmented) await this.#replace(this.#filter, isEnded)
    await this.#saver?.save(() => (this.isComplete && !isEnded() ? this.#filter : undefined))
  }

  /** Builds a filter of one segment, while the other one answers. */
  async #replace({ maxBytes, precision }: StoredIdFilter, isEnded: () => boolean): Promise<void> {
    const filter = new StoredIdFilter(maxBytes, precision)
    this.#replacement = filter
    try {
      for (const ids of this.#unsettled) filter.add(ids, this.#source.keyBytes)
      let readEnd = 0
      const reading = { connection: this.#connection, source: this.#source, filter, isEnded, ...this.#portion }
      await readIdRanges(reading, 0, (end) => (readEnd = end))
      if (readEnd === ALL_KEYS && !isEnded()) this.#filter = filter
    } finally {
      this.#replacement = undefined
    }
  }
}
