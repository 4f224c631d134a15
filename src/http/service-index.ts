import { Elysia } from 'elysia'

/** Where things are, as `GET /` says it: on every runtime, and beside it where there are pages. Each of them answers. */
export const EDGE_SERVICE_INDEX = {
  name: 'Outreach Analytics',
  openapi: '/docs/json',
  asyncapi: '/docs/events.json',
  dashboards: '/api/v1/analytics/overview',
  health: { live: '/health/live', ready: '/health/ready' },
  metrics: '/metrics',
}

const SERVICE_INDEX = { ...EDGE_SERVICE_INDEX, dashboards: '/dashboard', page: '/dashboard', docs: '/docs' }

/** `text/html`, unless it is refused. */
const ACCEPTS_HTML = /\btext\/html\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i

/** `GET /`: the dashboards' page for people, where things are for programs. */
export const serviceIndexRoute = () =>
  new Elysia({ detail: { hide: true } }).get('/', ({ request, set }) => {
    set.headers['vary'] = 'accept'
    if (!ACCEPTS_HTML.test(request.headers.get('accept') ?? '')) return { success: true as const, data: SERVICE_INDEX }
    // Relative: it holds below any prefix that a proxy takes away.
    return new Response(null, { status: 302, headers: { location: 'dashboard' } })
  })
