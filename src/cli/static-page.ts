import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ASSET_HEADERS, PAGE_HEADERS } from '../http/page/page-routes.ts'
import { securityHeaders } from '../http/pipeline/response-headers.ts'
import { ROUTES } from '../http/routes.ts'
import { PAGE_FOLDER, PAGE_HTML_NAMES, readPageManifest } from '../host/page-files.ts'

/** The folder of assets below the page's own address. */
const ASSETS = join(ROUTES.page.path, 'assets')

/**
 * Copies a built page into a folder in the layout of its addresses, for a provider that serves static files beside the edge app: `dashboard.html` for `/dashboard`,
 * `dashboard/index.html` for `/dashboard/`, and their assets. The file `_headers` holds the headers with which the service itself sends them, in the form of Cloudflare.
 * The provider compresses. Throws when the page has not been built.
 */
export function writeStaticPage(folder: string, builtPage = PAGE_FOLDER): void {
  const manifest = readPageManifest(builtPage)
  if (!manifest) throw new Error(`There is no built page in ${builtPage}.`)
  mkdirSync(join(folder, ASSETS), { recursive: true })
  const { page, pageInFolder } = PAGE_HTML_NAMES
  const places = new Map<string, string>([
    [page, `${ROUTES.page.path}.html`],
    [pageInFolder, join(ROUTES.page.path, 'index.html')],
  ])
  for (const name of Object.keys(manifest.files))
    copyFileSync(join(builtPage, name), join(folder, places.get(name) ?? join(ASSETS, name)))
  const rules = [
    [ROUTES.page.path, PAGE_HEADERS],
    [`${ROUTES.page.path}/`, PAGE_HEADERS],
    [`${ASSETS}/*`, ASSET_HEADERS],
  ] as const
  const lines = rules.flatMap(([path, headers]) => [
    path,
    ...Object.entries({ ...securityHeaders({ hstsSeconds: 0 }), ...headers }).map(
      ([name, value]) => `  ${name}: ${value}`,
    ),
  ])
  writeFileSync(join(folder, '_headers'), `${lines.join('\n')}\n`)
}
