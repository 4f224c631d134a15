import type { PageFiles, PageParts } from '../http/page.ts'
import { packAsset } from './pack-asset.ts'
import type { BundlePage } from './runtime.ts'

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

async function packed(file: Blob): Promise<PageFiles['page']> {
  return packAsset(file.type, new Uint8Array(await file.arrayBuffer()))
}
