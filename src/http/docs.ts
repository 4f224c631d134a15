import { Elysia } from 'elysia'
import { ApiFailure } from '../errors.ts'
import { DOCS_CSP, docsPage, DOCS_INIT } from './docs-page.ts'
import type { OpenApiDocument } from './openapi.ts'

/** The files of the docs page, served by ourselves so that the page works without internet. */
export type DocsAssets = (name: DocsAssetName) => Promise<Uint8Array<ArrayBuffer>>

export const DOCS_ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const
export type DocsAssetName = keyof typeof DOCS_ASSETS

/** The OpenAPI document. */
export const documentRoute = (document: OpenApiDocument) =>
  new Elysia({ prefix: '/docs', detail: { hide: true } }).get('/json', ({ request }) =>
    Response.json(document(request)),
  )

/** The interactive docs page and its files. */
export const docsRoutes = (assets: DocsAssets) =>
  new Elysia({ prefix: '/docs', detail: { hide: true } })
    .get('/', ({ request }) => {
      const page = docsPage(new URL(request.url).pathname.endsWith('/') ? '' : 'docs/')
      return new Response(page, {
        headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': DOCS_CSP },
      })
    })
    .get(
      '/assets/init.js',
      () => new Response(DOCS_INIT, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }),
    )
    .get('/assets/:name', async ({ params: { name } }) => {
      if (!isAsset(name)) throw new ApiFailure('NOT_FOUND', 'There is no such file.')
      return new Response(await assets(name), {
        headers: { 'content-type': DOCS_ASSETS[name], 'cache-control': 'public, max-age=3600' },
      })
    })

function isAsset(name: string): name is DocsAssetName {
  return Object.hasOwn(DOCS_ASSETS, name)
}
