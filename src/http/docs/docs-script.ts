/**
 * Starts Swagger UI, with two changes to the document. Requests are sent to the origin of the page, because this browser may not reach the server that the document names.
 * Optional fields start empty: Swagger UI would fill them with the examples, so that the first request would be about one campaign in January.
 *
 * The dialog for credentials focuses its first field, the bearer token. By itself it focuses the last one.
 *
 * The dark theme of Swagger UI is a class, which only the bar at the top of its own page sets. Here it follows the browser, except on paper.
 *
 * Swagger UI gives its selects no names for screen readers, and its blocks of code cannot be scrolled with the keyboard: both are added to what it draws.
 */
export const DOCS_SCRIPT = `const root = new URL('../..', document.currentScript.src).href.replace(/\\/$/, '')

const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const showTheme = (isDark) => document.documentElement.classList.toggle('dark-mode', isDark)
showTheme(prefersDark.matches)
prefersDark.addEventListener('change', () => showTheme(prefersDark.matches))
addEventListener('beforeprint', () => showTheme(false))
addEventListener('afterprint', () => showTheme(prefersDark.matches))

function nameOf(select) {
  if (select.id === 'servers') return 'Server'
  return select.closest('[data-param-name]')?.dataset.paramName ?? 'Media type'
}

new MutationObserver(() => {
  for (const select of document.querySelectorAll('select:not([aria-label])')) select.setAttribute('aria-label', nameOf(select))
  for (const code of document.querySelectorAll('.microlight:not([tabindex]), .curl:not([tabindex])')) code.tabIndex = 0
}).observe(document.getElementById('swagger-ui'), { childList: true, subtree: true })

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
