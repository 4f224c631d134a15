import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { PageFile, PageFiles, PageParts } from '../http/page.ts'

const ENTRY = join(dirname(fileURLToPath(import.meta.url)), '..', 'web', 'index.html')
const compressBrotli = promisify(brotliCompress)
const compressGzip = promisify(gzip)

/** Enough for a page that is made once: one step more takes several times as long. */
const BROTLI_QUALITY = 9

/**
 * The dashboards' page, bundled in memory when it is first asked for: no build step, and a start that waits for nothing. Names hold a hash of the contents, so
 * that browsers may keep files for ever. Rejects when the sources do not bundle, and tries again at the next call.
 */
export function createPageFiles(): PageParts['files'] {
  let made: Promise<PageFiles> | undefined
  return (assetsPath) => {
    made ??= bundle(assetsPath).catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}

async function bundle(publicPath: string): Promise<PageFiles> {
  const { outputs } = await Bun.build({
    entrypoints: [ENTRY],
    target: 'browser',
    minify: true,
    publicPath,
    naming: { chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
  })
  const files = await Promise.all(
    outputs.map(async (output) => [output.path.split('/').at(-1)!, await packed(output)] as const),
  )
  const page = files.find(([name]) => name.endsWith('.html'))?.[1]
  if (!page) throw new Error('The bundle of the page has no HTML.')
  return { page, assets: new Map(files.filter(([, file]) => file !== page)) }
}

async function packed(output: Blob): Promise<PageFile> {
  const identity = new Uint8Array(await output.arrayBuffer())
  const [br, gzipped] = await Promise.all([
    compressBrotli(identity, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } }),
    compressGzip(identity),
  ])
  return { type: output.type, identity, br: new Uint8Array(br), gzip: new Uint8Array(gzipped) }
}
