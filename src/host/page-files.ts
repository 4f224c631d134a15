import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { PageFile, PageFiles, PageParts } from '../http/page.ts'
import type { BundlePage } from './runtime.ts'

const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** Enough for a page that is made once: one step more takes several times as long. */
const BROTLI_QUALITY = 9

/**
 * The dashboards' page, bundled in memory when it is first asked for: no build step, and a start that waits for nothing. Names hold a hash of the contents, so
 * that browsers may keep files for ever. Rejects when the sources do not bundle, and tries again at the next call.
 */
export function createPageFiles(bundlePage: BundlePage): PageParts['files'] {
  let made: Promise<PageFiles> | undefined
  return (assetsPath) => {
    made ??= pack(bundlePage(assetsPath)).catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

async function pack(bundle: ReturnType<BundlePage>): Promise<PageFiles> {
  const files = await Promise.all([...(await bundle)].map(async ([name, file]) => [name, await packed(file)] as const))
  const page = files.find(([name]) => name.endsWith('.html'))?.[1]
  if (!page) throw new Error('The bundle of the page has no HTML.')
  return { page, assets: new Map(files.filter(([, file]) => file !== page)) }
}

async function packed(file: Blob): Promise<PageFile> {
  const identity = new Uint8Array(await file.arrayBuffer())
  const [br, gzipped] = await Promise.all([
    compressBrotli(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    compressGzip(identity),
  ])
  return { type: file.type, identity, br: new Uint8Array(br), gzip: new Uint8Array(gzipped) }
}
