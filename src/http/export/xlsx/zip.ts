/**
 * ZIP archives (PKWARE APPNOTE 6.3) of compressed files, the container of workbooks. Each file is compressed in pieces; only the compressed bytes of one file are kept in
 * memory.
 */
import type { TimeSlices } from '../../../base/event-loop-yielding.ts'

export interface ArchiveEntry {
  readonly path: string
  readonly text: AsyncIterable<string> | Iterable<string>
}

interface DirectoryEntry {
  readonly name: Uint8Array<ArrayBuffer>
  readonly crc: number
  readonly size: number
  readonly compressedSize: number
  readonly offset: number
}

const LOCAL_SIGNATURE = 0x04034b50
const DIRECTORY_SIGNATURE = 0x02014b50
const END_SIGNATURE = 0x06054b50
const VERSION = 20
const UTF8_NAMES = 0x0800
const DEFLATE = 8
/** 1 January 1980, the first day of this format. Readers of workbooks ignore it, and with a constant equal contents make equal bytes. */
const FIRST_DAY = 0x21

const encoder = new TextEncoder()

/** The bytes of the archive, in pieces. */
export async function* zip(
  files: AsyncIterable<ArchiveEntry> | Iterable<ArchiveEntry>,
  slices: TimeSlices,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const entries: DirectoryEntry[] = []
  let offset = 0
  for await (const { path, text } of files) {
    const name = encoder.encode(path)
    const { crc, size, compressedSize, chunks } = await compress(text, slices)
    const entry = { name, crc, size, compressedSize, offset }
    entries.push(entry)
    const header = littleEndianFields([4, LOCAL_SIGNATURE], ...versionAndSizes(entry), [2, 0])
    yield header
    yield name
    yield* chunks
    offset += header.byteLength + name.byteLength + compressedSize
  }
  let directorySize = 0
  for (const entry of entries) {
    const record = littleEndianFields(
      [4, DIRECTORY_SIGNATURE],
      [2, VERSION],
      ...versionAndSizes(entry),
      // No extra fields, comment, further disks or attributes.
      ...[2, 2, 2, 2, 4].map((width) => [width, 0] as const),
      [4, entry.offset],
    )
    yield record
    yield entry.name
    directorySize += record.byteLength + entry.name.byteLength
  }
  yield littleEndianFields(
    [4, END_SIGNATURE],
    [4, 0],
    [2, entries.length],
    [2, entries.length],
    [4, directorySize],
    [4, offset],
    [2, 0],
  )
}

type Field = readonly [width: number, value: number]

function versionAndSizes({ crc, size, compressedSize, name }: DirectoryEntry): Field[] {
  return [
    [2, VERSION],
    [2, UTF8_NAMES],
    [2, DEFLATE],
    [2, 0],
    [2, FIRST_DAY],
    [4, crc],
    [4, compressedSize],
    [4, size],
    [2, name.byteLength],
  ]
}

/** Numbers of two or four bytes, the least significant first. */
function littleEndianFields(...parts: readonly Field[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(parts.reduce((sum, [width]) => sum + width, 0)))
  let at = 0
  for (const [width, value] of parts) {
    if (width === 4) view.setUint32(at, value, true)
    else view.setUint16(at, value, true)
    at += width
  }
  return new Uint8Array(view.buffer)
}

async function compress(text: ArchiveEntry['text'], slices: TimeSlices) {
  const deflate = new CompressionStream('deflate-raw')
  const collected = collect(deflate.readable)
  const writer = deflate.writable.getWriter()
  let crc = 0xffffffff
  let size = 0
  for await (const piece of text) {
    const bytes = encoder.encode(piece)
    crc = updateCrc(crc, bytes)
    size += bytes.byteLength
    await writer.write(bytes)
    await slices.yieldIfExpired()
  }
  await writer.close()
  const chunks = await collected
  const compressedSize = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
  return { crc: (crc ^ 0xffffffff) >>> 0, size, compressedSize, chunks }
}

async function collect(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>[]> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return chunks
    chunks.push(value)
  }
}

/** CRC-32 of ISO 3309, by the remainders of all bytes. */
const REMAINDERS = new Uint32Array(256).map((_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1
  return remainder
})

function updateCrc(crc: number, bytes: Uint8Array): number {
  for (const byte of bytes) crc = REMAINDERS[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return crc
}
