import { Elysia } from 'elysia'
import { ApiFailure } from '../errors.ts'
import { type Asset, assetOf } from './sending/assets.ts'
import { encode } from './sending/chunks.ts'
import type { Sender } from './sending/sender.ts'

/** The files of the docs page, served by ourselves so that the page works without internet. */
export type DocsAssets = (name: DocsAssetName, type: string) => Promise<Asset>

export const DOCS_ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const
export type DocsAssetName = keyof typeof DOCS_ASSETS

const JSON_TYPE = 'application/json; charset=utf-8'
/** Of a version that the address names, for ever. Others may be of another version at the next look. */
const IMMUTABLE = 'public, max-age=31536000, immutable'
const SHORT = 'public, max-age=3600'

/** `versionOf` gives what an asset's address says of its contents. */
const pageOf = (versionOf: (name: DocsAssetName) => string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Outreach Analytics API</title>
    <link rel="icon" href="/docs/assets/favicon-32x32.png?v=${versionOf('favicon-32x32.png')}" />
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css?v=${versionOf('swagger-ui.css')}" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js?v=${versionOf('swagger-ui-bundle.js')}"></script>
    <script src="/docs/assets/init.js"></script>
  </body>
</html>
`

const INIT = `window.ui = SwaggerUIBundle({
  url: '/docs/json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
})
`

/** Swagger UI sets styles on elements and draws its icons from data URLs; scripts come from us only. */
const CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

/** The OpenAPI document. */
export const documentRoute = (document: () => Promise<unknown>, sender: Sender) => {
  let made: Promise<Asset> | undefined
  const make = () =>
    (async () => assetOf(JSON_TYPE, encode(JSON.stringify(await document())), sender.gzip))().catch(
      (error: unknown) => {
        made = undefined
        throw error
      },
    )
  return new Elysia({ prefix: '/docs', detail: { hide: true } }).get('/json', async ({ request }) =>
    sender.sendAsset(request, await (made ??= make()), { 'cache-control': 'private, no-cache' }),
  )
}

/** The interactive docs page and its files. */
export const docsRoutes = (assets: DocsAssets, sender: Sender) => {
  const assetOfName = (name: DocsAssetName) => assets(name, DOCS_ASSETS[name])
  return new Elysia({ prefix: '/docs', detail: { hide: true } })
    .get('/', async () => {
      const names = Object.keys(DOCS_ASSETS) as DocsAssetName[]
      const versions = new Map(
        await Promise.all(names.map(async (name) => [name, (await assetOfName(name)).hash] as const)),
      )
      return new Response(
        pageOf((name) => versions.get(name)!),
        { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP } },
      )
    })
    .get('/assets/init.js', () => new Response(INIT, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }))
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
