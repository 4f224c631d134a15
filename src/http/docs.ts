import { Elysia } from 'elysia'
import { ApiFailure } from '../errors.ts'
import { DOCS_ASSETS, DOCS_CSP, type DocsAssetName, docsPage, DOCS_INIT } from './docs-page.ts'
import type { OpenApiDocument } from './openapi.ts'
import { type Asset, assetOf } from './sending/assets.ts'
import { encode } from './sending/chunks.ts'
import type { Sender } from './sending/sender.ts'

/** The files of the docs page, served by ourselves so that the page works without internet. */
export type DocsAssets = (name: DocsAssetName, type: string) => Promise<Asset>

const JSON_TYPE = 'application/json; charset=utf-8'
/** Of a version that the address names, for ever. Others may be of another version at the next look. */
const IMMUTABLE = 'public, max-age=31536000, immutable'
const SHORT = 'public, max-age=3600'
/** The document names the server that it was requested from, and clients can name any host: so many forms of it are kept. */
const MAX_DOCUMENTS = 32

/** The OpenAPI document. */
export const documentRoute = (document: OpenApiDocument, sender: Sender) => {
  // Finished documents only: on an edge runtime, a request that waits for another one can wait for ever.
  const made = new Map<string, Asset>()
  return new Elysia({ prefix: '/docs', detail: { hide: true } }).get('/json', async ({ request }) => {
    const current = document(request)
    const server = current.servers[0]!.url
    let asset = made.get(server)
    if (!asset) {
      asset = await assetOf(JSON_TYPE, encode(JSON.stringify(current)), sender.gzip)
      if (made.size >= MAX_DOCUMENTS) made.clear()
      made.set(server, asset)
    }
    return sender.sendAsset(request, asset, { 'cache-control': 'private, no-cache' })
  })
}

/** The interactive docs page and its files. */
export const docsRoutes = (assets: DocsAssets, sender: Sender) => {
  const assetOfName = (name: DocsAssetName) => assets(name, DOCS_ASSETS[name])
  return new Elysia({ prefix: '/docs', detail: { hide: true } })
    .get('/', async ({ request }) => {
      const names = Object.keys(DOCS_ASSETS) as DocsAssetName[]
      const versions = new Map(
        await Promise.all(names.map(async (name) => [name, (await assetOfName(name)).hash] as const)),
      )
      const base = new URL(request.url).pathname.endsWith('/') ? '' : 'docs/'
      return new Response(
        docsPage(base, (name) => versions.get(name)!),
        {
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': DOCS_CSP },
        },
      )
    })
    .get(
      '/assets/init.js',
      () => new Response(DOCS_INIT, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }),
    )
    .get('/assets/:name', async ({ params: { name }, request }) => {
      if (!isAsset(name)) throw new ApiFailure('NOT_FOUND', 'There is no such file.')
      const asset = await assetOfName(name)
      const isOfItsVersion = new URL(request.url).searchParams.get('v') === asset.hash
      return sender.sendAsset(request, asset, { 'cache-control': isOfItsVersion ? IMMUTABLE : SHORT })
    })
}

function isAsset(name: string): name is DocsAssetName {
  return Object.hasOwn(DOCS_ASSETS, name)
}
