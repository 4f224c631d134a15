import { Elysia } from 'elysia'
import { API_PATH, ROUTES } from './routes.ts'

/** The addresses of the service, as `GET /` returns them on an edge runtime: below `publicUrl`, or paths when it is undefined. */
export const edgeServiceIndex = (publicUrl = '') => ({
  name: 'Outreach Analytics',
  openapi: publicUrl + ROUTES.openApi.path,
  asyncapi: publicUrl + ROUTES.eventsDocument.path,
  dashboards: `${publicUrl}${API_PATH}/overview`,
  health: { live: publicUrl + ROUTES.liveness.path, ready: publicUrl + ROUTES.readiness.path },
  metrics: publicUrl + ROUTES.metrics.path,
})

const serviceIndex = (publicUrl = '') => ({
  ...edgeServiceIndex(publicUrl),
  dashboards: publicUrl + ROUTES.page.path,
  page: publicUrl + ROUTES.page.path,
  docs: publicUrl + ROUTES.docs.path,
})

/** `text/html`, unless it is refused. */
const ACCEPTS_HTML = /\btext\/html\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i

/** `GET /`: redirects people to the page of dashboards, and returns the addresses of the service to programs. */
export const serviceIndexRoute = (publicUrl: string | undefined) => {
  const data = serviceIndex(publicUrl)
  return new Elysia({ detail: { hide: true } }).get(ROUTES.index.path, ({ request, set }) => {
    set.headers['vary'] = 'accept'
    if (!ACCEPTS_HTML.test(request.headers.get('accept') ?? '')) return { success: true as const, data }
    // Relative, so that it holds below any prefix that a reverse proxy removes, and on this machine when PUBLIC_URL is set.
    return new Response(null, { status: 302, headers: { location: 'dashboard' } })
  })
}
