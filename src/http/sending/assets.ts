import { toHex } from '../../base/bytes/hexadecimal.ts'
import type { Chunks } from './chunks.ts'
import { negotiateEncoding, type Gzip } from './content-encoding.ts'
import { matchesEntityTag } from './entity-tags.ts'

/** A file that is the same for every client, held in memory once: uncompressed, and compressed for clients that accept it. */
export interface Asset {
  readonly type: string
  readonly identity: Uint8Array<ArrayBuffer>
  readonly br?: Uint8Array<ArrayBuffer>
  readonly gzip?: Uint8Array<ArrayBuffer>
  /** Identifies the contents, in file names and entity tags. */
  readonly hash: string
}

const HASH_CHARACTERS = 16
const COMPRESSED_ENCODINGS = ['br', 'gzip'] as const

async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return toHex(digest).slice(0, HASH_CHARACTERS)
}

/** An asset of bytes that were created at run time. */
export async function createAsset(
  type: string,
  identity: Uint8Array<ArrayBuffer>,
  gzip: Gzip | undefined,
): Promise<Asset> {
  const [hash, compressed] = await Promise.all([contentHash(identity), gzip?.([identity])])
  return { type, identity, hash, ...(compressed ? { gzip: compressed } : {}) }
}

/** An asset in an encoding that the client accepts; 304 when the client has it. All encodings have the same weak tag. `bodyOf` makes the body. */
export function assetResponse(
  asset: Asset,
  request: Request,
  headers: Readonly<Record<string, string>>,
  bodyOf: (chunks: Chunks) => Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>,
): Response {
  const etag = `W/"${asset.hash}"`
  const responseHeaders = { ...headers, etag, vary: 'accept-encoding' }
  if (matchesEntityTag(etag, request.headers.get('if-none-match')))
    return new Response(null, { status: 304, headers: responseHeaders })
  const available = COMPRESSED_ENCODINGS.filter((name) => asset[name] !== undefined)
  const encoding = negotiateEncoding(request.headers.get('accept-encoding'), available)
  const body = request.method === 'HEAD' ? null : bodyOf([asset[encoding]!])
  return new Response(body, {
    headers: {
      ...responseHeaders,
      'content-type': asset.type,
      ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
    },
  })
}
