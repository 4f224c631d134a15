import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Asset } from '../http/sending/assets.ts'
import type { Gzip } from '../http/sending/content-encoding.ts'

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** For files that are compressed once: one level higher takes several times as long. */
const BROTLI_QUALITY = 9
/** For responses: a quarter of the time of the default level, for a tenth more bytes. */
const RESPONSE_GZIP_LEVEL = 3
const HASH_CHARACTERS = 16

/** Compresses responses outside the event loop. */
export const gzipResponse: Gzip = async (chunks) =>
  new Uint8Array(await compressGzip(Buffer.concat([...chunks]), { level: RESPONSE_GZIP_LEVEL }))

/** A file with its compressed copies. */
export async function compressAsset(type: string, identity: Uint8Array<ArrayBuffer>): Promise<Asset> {
  const [br, gzipped] = await Promise.all([
    compressBrotli(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    compressGzip(identity),
  ])
  return { type, identity, br: new Uint8Array(br), gzip: new Uint8Array(gzipped), hash: contentHash(identity) }
}

/** A short hash that identifies the contents of an asset. */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, HASH_CHARACTERS)
}
