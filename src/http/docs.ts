import { Elysia } from 'elysia'
import { ApiFailure } from '../errors.ts'

/** The files of the docs page, served by ourselves so that the page works without internet. */
export type DocsAssets = (name: DocsAssetName) => Promise<Uint8Array<ArrayBuffer>>

export const DOCS_ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const
export type DocsAssetName = keyof typeof DOCS_ASSETS

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Outreach Analytics API</title>
    <link rel="icon" href="/docs/assets/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/assets/swagger-ui-bundle.js"></script>
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
export const documentRoute = (document: () => Promise<unknown>) =>
  new Elysia({ prefix: '/docs', detail: { hide: true } }).get('/json', async () => Response.json(await document()))

/** The interactive docs page and its files. */
export const docsRoutes = (assets: DocsAssets) =>
  new Elysia({ prefix: '/docs', detail: { hide: true } })
    .get(
      '/',
      () =>
        new Response(PAGE, { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': CSP } }),
    )
    .get('/assets/init.js', () => new Response(INIT, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }))
    .get('/assets/:name', async ({ params: { name } }) => {
      if (!isAsset(name)) throw new ApiFailure('NOT_FOUND', 'There is no such file.')
      return new Response(await assets(name), {
        headers: { 'content-type': DOCS_ASSETS[name], 'cache-control': 'public, max-age=3600' },
      })
    })

function isAsset(name: string): name is DocsAssetName {
  return Object.hasOwn(DOCS_ASSETS, name)
}
