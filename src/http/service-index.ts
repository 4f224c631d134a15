import { Elysia } from 'elysia'
import { API_PATH, ROUTES } from './routes.ts'

/** The addresses of the service, as `GET /` returns them on an edge runtime. */
export const EDGE_SERVICE_INDEX = {
  name: 'Outreach Analytics',
  openapi: ROUTES.openApi.path,
  asyncapi: ROUTES.eventsDocument.path,
  dashboards: `${API_PATH}/overview`,
  health: { live: ROUTES.liveness.path, ready: ROUTES.readiness.path },
  metrics: ROUTES.metrics.path,
}

const SERVICE_INDEX = {
  ...EDGE_SERVICE_INDEX,
  dashboards: ROUTES.page.path,
  page: ROUTES.page.path,
  docs: ROUTES.docs.path,
}

/** `text/html`, unless it is refused. */
const ACCEPTS_HTML = /\btext\/html\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i

/** `GET /`: redirects people to the page of dashboards, and returns the addresses of the service to programs. */
export const serviceIndexRoute = () =>
  new Elysia({ detail: { hide: true } }).get(ROUTES.index.path, ({ request, set }) => {
    set.headers['vary'] = 'accept'
    if (!ACCEPTS_HTML.test(request.headers.get('accept') ?? '')) return { success: true as const, data: SERVICE_INDEX }
    // Relative, so that it holds below any prefix that a reverse proxy removes.
    return new Response(null, { status: 302, headers: { location: 'dashboard' } })
  })
