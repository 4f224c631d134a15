/**
 * A blocked Bloom filter over the ids of stored events, or over the hashes of messages. All bits of an id are in one block of 64 bytes, so that a probe costs one access to
 * memory. Event ids are UUIDv5, whose bits are uniformly random: their second halves serve as hashes.
 */

const WORD_BYTES = 4
/** The 32-bit words of the second half of an id. An id is in the layout of the engine: each half in reverse order. */
const HALF_WORDS = 2

/** How many ids that are not in the filter look as if they were. */
export interface FilterPrecision {
  readonly bitsPerId: number
  readonly probes: number
}

/** 0.4 % of other ids look stored. */
export const COMMON_PRECISION: FilterPrecision = { bitsPerId: 12, probes: 7 }
/** Fewer than 0.01 %: for questions that are worth avoiding altogether, as a query costs as much as thousands of ids in it. */
export const HIGH_PRECISION: FilterPrecision = { bitsPerId: 24, probes: 14 }

const WORDS_PER_BLOCK = 16
const BYTES_PER_BLOCK = WORDS_PER_BLOCK * 4
const MIN_SEGMENT_IDS = 2_000_000
/** The golden ratio in 32 bits: the multiplier of Fibonacci hashing. */
const MULTIPLIER = 0x9e3779b9
/** The two highest bits of the second half are the variant of the UUID, the same for every id. */
const RANDOM_BITS = 30

/** With more segments than this, too many ids look stored, as every segment adds its share: a filter with one segment should take the place of this one. */
const MAX_SEGMENTS = 3

/** The size of a replacement, at most, to the size of the fragmented filter. */
const MAX_GROWTH = 1.25

/** What identifies a segment: filters with the same segments contain the same ids. */
export interface FilterSegment {
  readonly words: Uint32Array
  readonly idCount: number
}

interface Segment extends FilterSegment {
  readonly blockCount: number
  readonly maxIds: number
  idCount: number
}

export class StoredIdFilter {
  readonly maxBytes: number
  readonly precision: FilterPrecision
  readonly #idsPerBlock: number
  readonly #maxBlocks: number
  readonly #segments: Segment[] = []
  #blockCount = 0

  /** `maxBytes` bounds the memory: further ids are added with fewer bits each. */
  constructor(maxBytes: number, precision = COMMON_PRECISION) {
    this.maxBytes = maxBytes
    this.precision = precision
    this.#idsPerBlock = (BYTES_PER_BLOCK * 8) / precision.bitsPerId
    this.#maxBlocks = Math.max(1, Math.floor(maxBytes / BYTES_PER_BLOCK))
  }

  /** Changes with everything that decides which bits belong to an id. */
  get layout(): string {
    return `blocked-bloom ${this.precision.probes} of ${BYTES_PER_BLOCK * 8} 1`
  }

  /** The memory that the filter takes. */
  get byteCount(): number {
    return this.#blockCount * BYTES_PER_BLOCK
  }

  /** The number of ids that were added and did not look as if they were in the filter already. */
  get idCount(): number {
    return this.#segments.reduce((sum, { idCount }) => sum + idCount, 0)
  }

  /** Whether it has grown so often that it should be replaced, and there is memory for both. */
  get isFragmented(): boolean {
    return this.#segments.length > MAX_SEGMENTS && this.byteCount * (1 + MAX_GROWTH) <= this.maxBytes
  }

  /** The current segments. Later calls of `add` set bits in them; bits are never cleared. */
  get segments(): readonly FilterSegment[] {
    return [...this.#segments]
  }

  /** Adds the ids of a segment of another filter. Must not be called with segments that do not fit into the memory. */
  addSegment({ words, idCount }: FilterSegment): void {
    const blockCount = words.length / WORDS_PER_BLOCK
    this.#segments.push({ words, blockCount, maxIds: blockCount * this.#idsPerBlock, idCount })
    this.#blockCount += blockCount
  }

  /** Provides space for this number of ids, those included that are in the filter, in at most one new segment. */
  reserve(idCount: number): void {
    const missing = idCount - this.#blockCount * this.#idsPerBlock
    if (missing > 0) this.#grow(Math.max(MIN_SEGMENT_IDS, missing))
  }

  /** Adds ids of 16 bytes each, or their second halves of 8 bytes each, in the layout of the engine. */
  add(ids: Uint8Array, idBytes: 8 | 16 = 16): void {
    const words = wordsOf(ids)
    const stride = idBytes / WORD_BYTES
    for (let at = stride - HALF_WORDS; at < words.length; at += stride) {
      const low = words[at]!
      const high = words[at + 1]!
      // A rebuild adds ids that are in the filter already; they must not take space again.
      if (this.#mayContain(low, high)) continue
      const segment = this.#segmentFor(low)
      setBits(segment, low, high, this.precision.probes)
      segment.idCount++
    }
  }

  /**
   * The positions of the ids that may have been added, ascending, and of all ids whose first 32 bits of the second half are not below `end`. An id that is missing from
   * them was never added.
   */
  candidates(ids: Uint8Array, end: number = 2 ** 32, idBytes: 8 | 16 = 16): Uint32Array<ArrayBuffer> {
    const words = wordsOf(ids)
    const stride = idBytes / WORD_BYTES
    const positions = new Uint32Array(words.length / stride)
    let count = 0
    for (let at = stride - HALF_WORDS, position = 0; at < words.length; at += stride, position++)
      if (words[at + 1]! >= end || this.#mayContain(words[at]!, words[at + 1]!)) positions[count++] = position
    return positions.subarray(0, count)
  }

  #mayContain(low: number, high: number): boolean {
    for (const segment of this.#segments) if (hasBits(segment, low, high, this.precision.probes)) return true
    return false
  }

  #segmentFor(low: number): Segment {
    const open = this.#segments.find((segment) => segment.idCount < segment.maxIds)
    if (open !== undefined) return open
    if (this.#blockCount < this.#maxBlocks)
      // As large as all earlier ones together: every segment is probed, and each adds its share of wrong candidates.
      return this.#grow(Math.max(MIN_SEGMENT_IDS, this.#blockCount * this.#idsPerBlock))
    // The memory is used up: the ids are distributed over the segments by their sizes.
    let block = Math.floor((scramble(low, this.precision.probes) / 2 ** 32) * this.#blockCount)
    for (const segment of this.#segments) {
      if (block < segment.blockCount) return segment
      block -= segment.blockCount
    }
    return this.#segments.at(-1)!
  }

  #grow(idCount: number): Segment {
    const blockCount = Math.min(Math.ceil(idCount / this.#idsPerBlock), this.#maxBlocks - this.#blockCount)
    const segment: Segment = {
      words: new Uint32Array(blockCount * WORDS_PER_BLOCK),
      blockCount,
      maxIds: blockCount * this.#idsPerBlock,
      idCount: 0,
    }
    if (blockCount > 0) this.#segments.push(segment)
    this.#blockCount += blockCount
    return segment
  }
}

/** Neighbours in the order of ids share a block, so that ids that are read in that order are added without cache misses. */
function firstWordOf(segment: Segment, high: number): number {
  const position = (high & (2 ** RANDOM_BITS - 1)) / 2 ** RANDOM_BITS
  return Math.floor(position * segment.blockCount) * WORDS_PER_BLOCK
}

function setBits(segment: Segment, low: number, high: number, probes: number): void {
  const { words } = segment
  const first = firstWordOf(segment, high)
  let hash = low
  for (let probe = 0; probe < probes; probe++) {
    hash = Math.imul(hash, MULTIPLIER)
    words[first + (hash >>> 28)]! |= 1 << ((hash >>> 23) & 31)
  }
}

function hasBits(segment: Segment, low: number, high: number, probes: number): boolean {
  const { words } = segment
  const first = firstWordOf(segment, high)
  let hash = low
  for (let probe = 0; probe < probes; probe++) {
    hash = Math.imul(hash, MULTIPLIER)
    if ((words[first + (hash >>> 28)]! & (1 << ((hash >>> 23) & 31))) === 0) return false
  }
  return true
}

/** The hash that follows those of the probes, as an unsigned integer. */
function scramble(low: number, rounds: number): number {
  let hash = low
  for (let round = 0; round <= rounds; round++) hash = Math.imul(hash, MULTIPLIER)
  return hash >>> 0
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / 4))
}
