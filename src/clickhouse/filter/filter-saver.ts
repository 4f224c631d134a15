/** Keeps a filter in a file, so that a start has to read only the keys that were stored since. */
import type { Clock } from '../../base/clock.ts'
import type { DerivedFile, EventWriter } from '../connection/store-connection.ts'
import type { FilterSource } from './filter-source.ts'
import { loadFilter, saveFilter } from './stored-id-file.ts'
import type { StoredIdFilter } from './stored-id-filter.ts'
import { isUseful, listParts, readMissingParts, rowsOf } from './stored-id-reading.ts'

/** The file is checked after so many new ids, or at the first new ids after this time. */
const CHECK_IDS = 250_000
const CHECK_MS = 60_000
/** It is written when a start would have to read this share of the rows, and at least so many: about a second of work. */
const MIN_MISSING_SHARE = 0.02
const MIN_MISSING_ROWS = 500_000
/** When the process stops. */
const MIN_MISSING_ROWS_AT_STOP = 50_000

export interface FilterSaverOptions {
  readonly connection: EventWriter
  readonly source: FilterSource
  readonly file: DerivedFile
  readonly clock: Clock
}

export class FilterSaver {
  readonly #origin: Pick<FilterSaverOptions, 'connection' | 'source'>
  readonly #file: DerivedFile
  readonly #clock: Clock
  #savedParts: ReadonlySet<string> = new Set()
  #newIdCount = 0
  #checkedAt = -Infinity

  constructor({ connection, source, file, clock }: FilterSaverOptions) {
    this.#origin = { connection, source }
    this.#file = file
    this.#clock = clock
  }

  countNew(ids: number): void {
    this.#newIdCount += ids
  }

  get isDue(): boolean {
    return this.#newIdCount >= CHECK_IDS || this.#clock.monotonic() - this.#checkedAt > CHECK_MS
  }

  /** Adds the ids of the file and those that were stored since. Resolves with false when ids are missing. Rejects when the file is damaged or the store fails. */
  async restore(filter: StoredIdFilter, isEnded: () => boolean): Promise<boolean> {
    const saved = await loadFilter(this.#file, filter, isEnded)
    if (saved === undefined || !isUseful(saved, await listParts(this.#origin)) || isEnded()) return false
    for (const segment of saved.filter.segments) filter.addSegment(segment)
    this.#savedParts = saved.parts
    return readMissingParts({ ...this.#origin, filter, isEnded }, saved)
  }

  /** Writes the file if it is due. `completeFilter` returns the filter while it contains all stored ids. Rejects when the file cannot be written. */
  async save(completeFilter: () => StoredIdFilter | undefined, isStopping = false): Promise<void> {
    this.#newIdCount = 0
    this.#checkedAt = this.#clock.monotonic()
    const parts = await listParts(this.#origin)
    // Asked for after the parts, so that it contains all of their ids.
    const filter = completeFilter()
    if (filter === undefined) return
    const missing = rowsOf(parts.filter(({ hash }) => !this.#savedParts.has(hash)))
    const threshold = isStopping
      ? MIN_MISSING_ROWS_AT_STOP
      : Math.max(MIN_MISSING_ROWS, rowsOf(parts) * MIN_MISSING_SHARE)
    if (missing < threshold) return
    const saved = { filter, parts: new Set(parts.map(({ hash }) => hash)) }
    await saveFilter(this.#file, saved, () => completeFilter() === undefined)
    this.#savedParts = saved.parts
  }
}
