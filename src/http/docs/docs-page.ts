/**
 * The docs page and its files. Every URL in them is relative, so that the page works under any path prefix of a proxy.
 */
import { DOCS_SCRIPT } from './docs-script.ts'
import { DOCS_STYLE } from './docs-style.ts'

const CSS = 'text/css; charset=utf-8'
const JAVASCRIPT = 'text/javascript; charset=utf-8'

/** The files of the package of Swagger UI that the page loads, with their media types. */
export const SWAGGER_FILES = {
  'swagger-ui.css': CSS,
  'swagger-ui-bundle.js': JAVASCRIPT,
  'favicon-32x32.png': 'image/png',
} as const
export type SwaggerFileName = keyof typeof SWAGGER_FILES

/** The other files of the page. */
export const OWN_FILES = {
  'docs.css': { type: CSS, text: DOCS_STYLE },
  'init.js': { type: JAVASCRIPT, text: DOCS_SCRIPT },
} as const
export type OwnFileName = keyof typeof OWN_FILES

export const DOCS_FILE_NAMES = [...Object.keys(SWAGGER_FILES), ...Object.keys(OWN_FILES)] as readonly DocsFileName[]
export type DocsFileName = SwaggerFileName | OwnFileName

/** The page. `base` is the path from the page's own URL to `/docs/`; `versionOf` returns the version in the URL of a file. */
export function docsPage(base: '' | 'docs/', versionOf: (name: DocsFileName) => string): string {
  const urlOf = (name: DocsFileName) => `${base}assets/${name}?v=${versionOf(name)}`
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Outreach Analytics API</title>
    <link rel="icon" href="${urlOf('favicon-32x32.png')}" />
    <link rel="stylesheet" href="${urlOf('swagger-ui.css')}" />
    <link rel="stylesheet" href="${urlOf('docs.css')}" />
  </head>
  <body>
    <nav aria-label="Other documents">
      For producers of events: <a href="${base}events.json">AsyncAPI document</a>
    </nav>
    <div id="swagger-ui"></div>
    <script src="${urlOf('swagger-ui-bundle.js')}"></script>
    <script src="${urlOf('init.js')}"></script>
  </body>
</html>
`
}

/** Swagger UI sets styles on elements and loads its icons from data URLs. Scripts are loaded from this service only. */
export const DOCS_CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
