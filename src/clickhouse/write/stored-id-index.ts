/**
 * Answers which of some ids are stored, at a cost by the number of ids in question. A filter in this process recognises nearly all new ids; the store is asked for the
 * others. The filter is built from the store in the background. Until it is complete, every id is asked for: answers are exact at any time.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import { HEX_PAIRS } from '../../base/hexadecimal.ts'
import { ByteWriter } from './byte-writer.ts'
import type { EventWriter } from '../connection/store-connection.ts'
import { type BlockRange, FIND_IDS, FIND_IDS_IN_RANGE, LIST_MONTHS, READ_ID_HALVES } from './stored-id-queries.ts'
import type { StoredIdFilter } from './stored-id-filter.ts'

const ID_BYTES = 16
const HALF_BYTES = 8
/** The number of ids in one query. */
const MAX_IDS_PER_QUERY = 25_000
/** With more ids than this, most of them are usually repeated events, with the times at which they are stored. */
const MIN_IDS_FOR_RANGE = 500
/** Reading a longer range would cost more than looking up each id. */
const MAX_RANGE_MS = 2 * 86_400_000
/** Added without a break: about a millisecond of work. */
const STEP_BYTES = 4_096 * HALF_BYTES
/** After a failed build, a lookup starts the next one when this time has passed. */
const RETRY_MS = 10_000
/** The part of the filter that is left free for new ids when it is built. */
const RESERVE_FACTOR = 1.25

export interface StoredIdIndexOptions {
  /** Without a filter every id is asked for. */
  readonly filter?: StoredIdFilter | undefined
  /** Ends the build. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
}

/** The ids are in one array, 16 bytes each, in the layout of the engine: each half of a UUID in reverse order. */
export class StoredIdIndex {
  readonly #connection: EventWriter
  readonly #filter: StoredIdFilter | undefined
  readonly #signal: AbortSignal | undefined
  readonly #clock: Clock
  #isComplete = false
  /** Changes when a running build may miss ids. */
  #generation = 0
  #building: Promise<void> | undefined
  #isBuildWanted = false
  #failedAt = -Infinity

  constructor(connection: EventWriter, { filter, signal, clock = systemClock }: StoredIdIndexOptions = {}) {
    this.#connection = connection
    this.#filter = filter
    this.#signal = signal
    this.#clock = clock
  }

  /** Whether the filter contains every stored id. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Has to be called before the insert of these ids is sent. */
  add(ids: Uint8Array): void {
    this.#filter?.add(ids)
  }

  /** Other processes may have stored ids: builds the filter again. To be called after they were fenced. */
  invalidate(): void {
    this.#generation++
    this.#isComplete = false
    this.#failedAt = -Infinity
    void this.build()
  }

  /** Builds the filter in the background. Resolves when the build has ended; `isComplete` tells whether it succeeded. Call it only when no other process inserts. */
  build(): Promise<void> {
    this.#isBuildWanted = this.#filter !== undefined
    this.#building ??= this.#build().finally(() => (this.#building = undefined))
    return this.#building
  }

  /** The positions of the ids that are stored, ascending. `rangeOf` returns the range of the block that the ids belong to. Rejects with a StoreFailure. */
  async find(ids: Uint8Array, rangeOf: () => BlockRange): Promise<Uint32Array> {
    let open = this.#candidates(ids)
    const stored: number[] = []
    const ask = async (find: (hex: string, count: number) => Promise<{ stored_id: string }[]>) => {
      const found = new Set<number>()
      for (let start = 0; start < open.length; start += MAX_IDS_PER_QUERY) {
        const positions = open.subarray(start, start + MAX_IDS_PER_QUERY)
        const rows = await find(hexOf(ids, positions), positions.length)
        for (const position of positionsOf(rows, ids, positions)) found.add(position)
      }
      stored.push(...found)
      if (found.size > 0) open = open.filter((position) => !found.has(position))
    }
    if (open.length > MIN_IDS_FOR_RANGE) {
      const { tenants, types, from, to } = rangeOf()
      if (to - from <= MAX_RANGE_MS)
        await ask((hex, count) =>
          this.#connection.query(FIND_IDS_IN_RANGE, { tenants, types, from, to, ids: hex, count }),
        )
    }
    await ask((hex, count) => this.#connection.query(FIND_IDS, { ids: hex, count }))
    return Uint32Array.from(stored).sort()
  }

  #candidates(ids: Uint8Array): Uint32Array {
    if (this.#isComplete) return this.#filter!.candidates(ids)
    if (this.#isBuildWanted && this.#clock.monotonic() - this.#failedAt > RETRY_MS) void this.build()
    return Uint32Array.from({ length: ids.length / ID_BYTES }, (_, position) => position)
  }

  async #build(): Promise<void> {
    const filter = this.#filter
    if (filter === undefined) return
    try {
      this.#failedAt = -Infinity
      while (!this.#isComplete && !this.#signal?.aborted) {
        const generation = this.#generation
        await this.#readStoredIds(filter, () => generation !== this.#generation)
        if (generation === this.#generation && !this.#signal?.aborted) this.#isComplete = true
      }
    } catch {
      // Lookups ask the store for every id until a later build succeeds.
      this.#failedAt = this.#clock.monotonic()
    }
  }

  /** Adds all ids that were stored before the call. */
  async #readStoredIds(filter: StoredIdFilter, isOutdated: () => boolean): Promise<void> {
    const months = await this.#connection.query<{ month: number; rows: number }>(LIST_MONTHS)
    filter.reserve(months.reduce((sum, { rows }) => sum + rows, 0) * RESERVE_FACTOR)
    const slices = new TimeSlices()
    for (const { month } of months) {
      for await (const halves of this.#connection.readFixedWidth(READ_ID_HALVES, { month }, HALF_BYTES)) {
        for (let start = 0; start < halves.length; start += STEP_BYTES) {
          await slices.yieldIfExpired()
          filter.addHalves(halves.subarray(start, start + STEP_BYTES))
        }
        if (isOutdated() || this.#signal?.aborted) return
      }
    }
  }
}

/** The ids at these positions as one text of hexadecimal digits: the engine parses it as one literal. */
function hexOf(ids: Uint8Array, positions: Uint32Array): string {
  let text = ''
  for (const position of positions)
    for (let at = position * ID_BYTES; at < (position + 1) * ID_BYTES; at++) text += HEX_PAIRS[ids[at]!]!
  return text
}

/** The positions, among these, of the ids that were found. */
function positionsOf(rows: readonly { stored_id: string }[], ids: Uint8Array, positions: Uint32Array): number[] {
  if (rows.length === 0) return []
  const writer = new ByteWriter(rows.length * ID_BYTES)
  for (const { stored_id } of rows) writer.uuid(stored_id)
  const found = new Set<bigint>()
  const keyAt = (view: DataView, at: number) => (view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8)
  const foundView = viewOf(writer.bytes)
  for (let at = 0; at < foundView.byteLength; at += ID_BYTES) found.add(keyAt(foundView, at))
  const view = viewOf(ids)
  return [...positions].filter((position) => found.has(keyAt(view, position * ID_BYTES)))
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
