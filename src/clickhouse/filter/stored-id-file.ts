/**
 * The filter of stored ids as a file. It names the parts whose ids the filter contains, by the hashes of their files. A part never changes, so this stays true whatever
 * happens to the store afterwards: a file can be incomplete, never outdated. Every chunk has a checksum, since a bit that is lost would make a stored id look new.
 */
import { TimeSlices } from '../../base/event-loop-yielding.ts'
import type { DerivedFile, DerivedFileReader } from '../connection/store-connection.ts'
import { StoredIdFilter } from './stored-id-filter.ts'

const WORD_BYTES = 4
/** Read, checked and written without a break: about a millisecond of work, unless the disk is slow. */
const CHUNK_WORDS = 262_144
/** The number of words of the header, and the checksum of the header. */
const PREFIX_WORDS = 2
/** Far longer than the list of all parts of a store. A damaged length must not lead to a huge allocation. */
const MAX_HEADER_WORDS = 4_194_304

/** The loading blocks the event loop for so long at a time, since lookups wait for it. */
const LOAD_SLICE_MS = 30

export interface SavedFilter {
  readonly filter: StoredIdFilter
  /** The hashes of the parts whose ids are all in the filter. */
  readonly parts: ReadonlySet<string>
}

interface Header {
  readonly layout: string
  readonly maxBytes: number
  readonly parts: readonly string[]
  readonly segments: readonly { readonly words: number; readonly idCount: number }[]
}

/** Writes the filter, which has to contain all ids of these parts already. Ids may be added meanwhile. Rejects when the file cannot be written or when ended. */
export async function saveFilter(file: DerivedFile, saved: SavedFilter, isEnded: () => boolean): Promise<void> {
  await file.replace(chunksOf(saved, isEnded))
}

async function* chunksOf({ filter, parts }: SavedFilter, isEnded: () => boolean): AsyncGenerator<Uint8Array> {
  const { segments } = filter
  const header = wordsOfText(
    JSON.stringify({
      layout: filter.layout,
      maxBytes: filter.maxBytes,
      parts: [...parts],
      segments: segments.map(({ words, idCount }) => ({ words: words.length, idCount })),
    } satisfies Header),
  )
  yield bytesOf(Uint32Array.of(header.length, checksumOf(header, 0)))
  yield bytesOf(header)
  const slices = new TimeSlices()
  const chunk = new Uint32Array(CHUNK_WORDS + 1)
  let number = 0
  for (const { words } of segments)
    for (let start = 0; start < words.length; start += CHUNK_WORDS) {
      await slices.yieldIfExpired()
      if (isEnded()) throw new Error('The filter is not saved.')
      // A copy, since ids that are added before it is written would change the checksum.
      const content = words.subarray(start, start + CHUNK_WORDS)
      chunk.set(content)
      chunk[content.length] = checksumOf(content, ++number)
      yield bytesOf(chunk.subarray(0, content.length + 1))
    }
}

/** Reads a file of a filter with the same limit of memory and the same precision. Undefined when there is none, one of another version or limit, or when ended. Rejects when the file is damaged. */
export async function loadFilter(
  file: DerivedFile,
  { maxBytes, precision }: Pick<StoredIdFilter, 'maxBytes' | 'precision'>,
  isEnded: () => boolean,
): Promise<SavedFilter | undefined> {
  const reader = file.open()
  if (reader === undefined) return undefined
  try {
    const header = readHeader(reader)
    const filter = new StoredIdFilter(maxBytes, precision)
    if (header.layout !== filter.layout || header.maxBytes !== maxBytes) return undefined
    const slices = new TimeSlices(LOAD_SLICE_MS)
    let number = 0
    for (const { words: length, idCount } of header.segments) {
      const words = new Uint32Array(length)
      const checksum = new Uint32Array(1)
      for (let start = 0; start < length; start += CHUNK_WORDS) {
        await slices.yieldIfExpired()
        if (isEnded()) return undefined
        const content = words.subarray(start, start + CHUNK_WORDS)
        reader.fill(bytesOf(content))
        reader.fill(bytesOf(checksum))
        if (checksum[0] !== checksumOf(content, ++number)) throw new Error('The file of the filter is damaged.')
      }
      filter.addSegment({ words, idCount })
    }
    return { filter, parts: new Set(header.parts) }
  } finally {
    reader.close()
  }
}

function readHeader(reader: DerivedFileReader): Header {
  const prefix = new Uint32Array(PREFIX_WORDS)
  reader.fill(bytesOf(prefix))
  const [length, checksum] = [prefix[0]!, prefix[1]!]
  if (length > MAX_HEADER_WORDS) throw new Error('The file of the filter is damaged.')
  const words = new Uint32Array(length)
  reader.fill(bytesOf(words))
  if (checksumOf(words, 0) !== checksum) throw new Error('The header of the filter is damaged.')
  return JSON.parse(new TextDecoder().decode(bytesOf(words))) as Header
}

/** The text in UTF-8, padded with spaces. */
function wordsOfText(text: string): Uint32Array {
  const bytes = new TextEncoder().encode(text)
  const words = new Uint32Array(Math.ceil(bytes.length / WORD_BYTES))
  bytesOf(words).fill(0x20).set(bytes)
  return words
}

/**
 * A checksum of the words and the number of the chunk, so that exchanged chunks and zeros are noticed too. Every step is invertible: a change of one word always changes
 * the checksum of its lane. Four lanes take a third of the time of one, as a processor works on them at once.
 */
function checksumOf(words: Uint32Array, seed: number): number {
  let [a, b, c, d] = [seed ^ 0x243f6a88, seed ^ 0x85a308d3, seed ^ 0x13198a2e, seed ^ 0x03707344]
  const end = words.length - (words.length % 4)
  for (let at = 0; at < end; at += 4) {
    a = mix(a, words[at]!)
    b = mix(b, words[at + 1]!)
    c = mix(c, words[at + 2]!)
    d = mix(d, words[at + 3]!)
  }
  for (let at = end; at < words.length; at++) a = mix(a, words[at]!)
  return mix(mix(mix(mix(a, b), c), d), words.length) >>> 0
}

function mix(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x9e3779b1)
  return (product << 15) | (product >>> 17)
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}
