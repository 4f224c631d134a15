/**
 * The texts of the docs page. Every URL in them is relative, so that the page works under any path prefix of a proxy.
 */

/** The files of the package of Swagger UI that the page loads, with their media types. */
export const DOCS_ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const
export type DocsAssetName = keyof typeof DOCS_ASSETS

/** The page. `base` is the path from the page's own URL to `/docs/`; `versionOf` returns the version in the URL of an asset. */
export const docsPage = (base: '' | 'docs/', versionOf: (name: DocsAssetName) => string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Outreach Analytics API</title>
    <link rel="icon" href="${base}assets/favicon-32x32.png?v=${versionOf('favicon-32x32.png')}" />
    <link rel="stylesheet" href="${base}assets/swagger-ui.css?v=${versionOf('swagger-ui.css')}" />
  </head>
  <body>
    <nav aria-label="Other documents" style="max-width: 1460px; margin: 1rem auto 0; padding: 0 28px; font: 14px sans-serif">
      For producers of events: <a href="${base}events.json">AsyncAPI document</a>
    </nav>
    <div id="swagger-ui"></div>
    <script src="${base}assets/swagger-ui-bundle.js?v=${versionOf('swagger-ui-bundle.js')}"></script>
    <script src="${base}assets/init.js"></script>
  </body>
</html>
`

/**
 * Starts Swagger UI, with two changes to the document. Requests are sent to the origin of the page, because this browser may not reach the server that the document names.
 * Optional fields start empty: Swagger UI would fill them with the examples, so that the first request would be about one campaign in January.
 *
 * The dialog for credentials focuses its first field, the bearer token. By itself it focuses the last one.
 */
export const DOCS_INIT = `const root = new URL('../..', document.currentScript.src).href.replace(/\\/$/, '')

function withoutExamples(parameters) {
  for (const parameter of parameters) if (!parameter.required) delete parameter.example
}

function forThisPage(openApi) {
  withoutExamples(Object.values(openApi.components?.parameters ?? {}))
  for (const operations of Object.values(openApi.paths ?? {}))
    for (const { parameters = [] } of Object.values(operations)) withoutExamples(parameters)
  return { ...openApi, servers: [{ url: root }] }
}

const OwnServer = () => ({
  statePlugins: { spec: { wrapActions: { updateJsonSpec: (update) => (openApi) => update(forThisPage(openApi)) } } },
})

const FocusOnFirstField = () => ({
  statePlugins: {
    auth: {
      wrapActions: {
        showDefinitions: (show) => (definitions) => {
          const shown = show(definitions)
          if (definitions) setTimeout(() => document.querySelector('.modal-ux input')?.focus())
          return shown
        },
      },
    },
  },
})

window.ui = SwaggerUIBundle({
  url: root + '/docs/json',
  dom_id: '#swagger-ui',
  plugins: [OwnServer, FocusOnFirstField],
  deepLinking: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  validatorUrl: null,
})
`

/** Swagger UI sets styles on elements and loads its icons from data URLs. Scripts are loaded from this service only. */
export const DOCS_CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
