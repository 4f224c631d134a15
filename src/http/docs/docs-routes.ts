import { Elysia } from 'elysia'
import { fileNotFound } from '../pipeline/routing/route-table.ts'
import {
  DOCS_CSP,
  DOCS_FILE_NAMES,
  type DocsFileName,
  docsPage,
  OWN_FILES,
  type OwnFileName,
  SWAGGER_FILES,
  type SwaggerFileName,
} from './docs-page.ts'
import type { OpenApiDocument } from './openapi/openapi-document.ts'
import { ROUTES } from '../routes.ts'
import { type Asset, createAsset } from '../sending/assets.ts'
import { encodeUtf8 } from '../sending/chunks.ts'
import type { ResponseSender } from '../sending/response-sender.ts'

/** The files of Swagger UI. The service serves them itself, so that the page works without internet access. */
export type DocsAssets = (name: SwaggerFileName, type: string) => Promise<Asset>

const JSON_TYPE = 'application/json; charset=utf-8'
/** For URLs with the version of the file. Other URLs may return another version later. */
const IMMUTABLE = 'public, max-age=31536000, immutable'
const ONE_HOUR = 'public, max-age=3600'
/** The number of cached documents. A document names the server that it was requested from, and clients can send any host. */
const MAX_DOCUMENTS = 32

/** The OpenAPI document. */
export const openApiRoute = (document: OpenApiDocument, sender: ResponseSender) => {
  // Finished documents only: on an edge runtime, a request that waits for another one can wait for ever.
  const assetsByServer = new Map<string, Asset>()
  return new Elysia({ detail: { hide: true } }).get(ROUTES.openApi.path, async ({ request }) => {
    const current = document(request)
    const server = current.servers[0]!.url
    let asset = assetsByServer.get(server)
    if (!asset) {
      asset = await createAsset(JSON_TYPE, encodeUtf8(JSON.stringify(current)), sender.gzip)
      if (assetsByServer.size >= MAX_DOCUMENTS) assetsByServer.clear()
      assetsByServer.set(server, asset)
    }
    return sender.sendAsset(request, asset, { 'cache-control': 'private, no-cache' })
  })
}

/** The interactive docs page and its files. */
export const docsRoutes = (swaggerAssets: DocsAssets, sender: ResponseSender) => {
  const ownAssets = new Map<OwnFileName, Promise<Asset>>()
  const ownAsset = (name: OwnFileName) => {
    const { type, text } = OWN_FILES[name]
    const asset = ownAssets.get(name) ?? createAsset(type, encodeUtf8(text), sender.gzip)
    ownAssets.set(name, asset)
    return asset
  }
  const assetOf = (name: DocsFileName) =>
    isOwnFileName(name) ? ownAsset(name) : swaggerAssets(name, SWAGGER_FILES[name])
  return new Elysia({ detail: { hide: true } })
    .get(`${ROUTES.docs.path}/`, async ({ request }) => {
      const versions = new Map(
        await Promise.all(DOCS_FILE_NAMES.map(async (name) => [name, (await assetOf(name)).hash] as const)),
      )
      const base = new URL(request.url).pathname.endsWith('/') ? '' : 'docs/'
      return new Response(
        docsPage(base, (name) => versions.get(name)!),
        {
          headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': DOCS_CSP },
        },
      )
    })
    .get(ROUTES.docsAsset.path, async ({ params, request }) => {
      const name = DOCS_FILE_NAMES.find((known) => known === params.name)
      if (name === undefined) throw fileNotFound()
      const asset = await assetOf(name)
      const isCurrentVersion = new URL(request.url).searchParams.get('v') === asset.hash
      return sender.sendAsset(request, asset, { 'cache-control': isCurrentVersion ? IMMUTABLE : ONE_HOUR })
    })
}

function isOwnFileName(name: DocsFileName): name is OwnFileName {
  return Object.hasOwn(OWN_FILES, name)
}
