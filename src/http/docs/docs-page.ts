/**
 * The texts of the docs page. Every address in them is relative, so that the page works below any path under which a proxy serves it.
 */

/** What the page loads from the package of Swagger UI, with the media types. */
export const DOCS_ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const
export type DocsAssetName = keyof typeof DOCS_ASSETS

/** The page. `base` is the path from the page's own address to `/docs/`; `versionOf` gives what an asset's address says of its contents. */
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
 * Starts Swagger UI, with two changes to the document. Requests go to where the page came from, since this browser may not reach the address that the document names.
 * And optional fields start empty, since Swagger UI would fill them with the examples: the first request would then be about one campaign in January.
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

/** Swagger UI sets styles on elements and draws its icons from data URLs; scripts come from us only. */
export const DOCS_CSP =
  "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
