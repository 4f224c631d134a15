import type { Chunks } from './chunks.ts'

/** Compresses by gzip, off the event loop. */
export type Gzip = (chunks: Chunks) => Promise<Uint8Array<ArrayBuffer>>

export type ContentEncoding = 'br' | 'gzip' | 'identity'

/** The first of the known encodings that the header `Accept-Encoding` names without refusing it (`;q=0`). */
export function negotiateEncoding(
  accepted: string | null,
  known: readonly ContentEncoding[] = ['br', 'gzip'],
): ContentEncoding {
  const names = (accepted ?? '').split(',').flatMap((one) => {
    const [name = '', ...parameters] = one.toLowerCase().split(';')
    return parameters.some((each) => /^\s*q=0(\.0*)?\s*$/.test(each)) ? [] : [name.trim()]
  })
  return known.find((encoding) => names.includes(encoding)) ?? 'identity'
}
