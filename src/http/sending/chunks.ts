import type { Slices } from '../../turns.ts'

/** Bytes in pieces, none of which is ever changed: several responses may share them. */
export type Chunks = readonly Uint8Array<ArrayBuffer>[]

const encoder = new TextEncoder()
/** Items of a list that are written at once. */
const ITEMS_A_PIECE = 500

export function encode(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

export function byteLengthOf(chunks: Chunks): number {
  return chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
}

export function joined(chunks: Chunks): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLengthOf(chunks))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** An object as JSON in UTF-8, the same text as `JSON.stringify` gives. Its long lists are written piece by piece. */
export async function jsonChunks(data: object, slices: Slices): Promise<Chunks> {
  const isLong = (value: unknown): value is unknown[] => Array.isArray(value) && value.length > ITEMS_A_PIECE
  const fields = Object.entries<unknown>(data as Record<string, unknown>).filter(([, value]) => value !== undefined)
  if (!fields.some(([, value]) => isLong(value))) return [encode(JSON.stringify(data))]
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let text = '{'
  for (const [index, [name, value]] of fields.entries()) {
    text += `${index > 0 ? ',' : ''}${JSON.stringify(name)}:`
    if (!isLong(value)) {
      text += JSON.stringify(value)
      continue
    }
    for (let at = 0; at < value.length; at += ITEMS_A_PIECE) {
      const items = JSON.stringify(value.slice(at, at + ITEMS_A_PIECE)).slice(1, -1)
      chunks.push(encode(`${text}${at > 0 ? ',' : '['}${items}`))
      text = ''
      await slices.next()
    }
    text = ']'
  }
  return [...chunks, encode(`${text}}`)]
}
