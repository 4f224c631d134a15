import type { TimeSlices } from '../../base/event-loop-yielding.ts'

/** Bytes in pieces that are never changed, so that several responses can share them. */
export type Chunks = readonly Uint8Array<ArrayBuffer>[]

const encoder = new TextEncoder()
/** Items of a list that are serialised at once. */
const ITEMS_PER_CHUNK = 500

export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

export function byteLengthOf(chunks: Chunks): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

export function concatenated(chunks: Chunks): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLengthOf(chunks))
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** An object as JSON in UTF-8, with the same text as `JSON.stringify`. Long lists are serialised in pieces, between which the event loop runs. */
export async function jsonChunks(data: object, slices: TimeSlices): Promise<Chunks> {
  const isLong = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > ITEMS_PER_CHUNK
  const fields = Object.entries<unknown>(data as Record<string, unknown>).filter(([, value]) => value !== undefined)
  if (!fields.some(([, value]) => isLong(value))) return [encodeUtf8(JSON.stringify(data))]
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let text = '{'
  for (const [index, [name, value]] of fields.entries()) {
    text += `${index > 0 ? ',' : ''}${JSON.stringify(name)}:`
    if (!isLong(value)) {
      text += JSON.stringify(value)
      continue
    }
    for (let at = 0; at < value.length; at += ITEMS_PER_CHUNK) {
      const items = JSON.stringify(value.slice(at, at + ITEMS_PER_CHUNK)).slice(1, -1)
      chunks.push(encodeUtf8(`${text}${at > 0 ? ',' : '['}${items}`))
      text = ''
      await slices.yieldIfExpired()
    }
    text = ']'
  }
  return [...chunks, encodeUtf8(`${text}}`)]
}
