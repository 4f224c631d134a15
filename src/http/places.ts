import { Elysia } from 'elysia'

/** Where things are, as `GET /` says it: on every runtime, and beside it where there are pages. Each of them answers. */
export const READ_SIDE_PLACES = {
  name: 'Outreach Analytics',
  openapi: '/docs/json',
  dashboards: '/api/v1/analytics/overview',
  health: { live: '/health/live', ready: '/health/ready' },
  metrics: '/metrics',
}

const PLACES = { ...READ_SIDE_PLACES, dashboards: '/dashboard', page: '/dashboard', docs: '/docs' }

/** `text/html`, unless it is refused. */
const HTML = /\btext\/html\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i

/** `GET /`: the dashboards' page for people, where things are for programs. */
export const placesRoute = () =>
  new Elysia({ detail: { hide: true } }).get('/', ({ request, set }) => {
    set.headers['vary'] = 'accept'
    if (!HTML.test(request.headers.get('accept') ?? '')) return { success: true as const, data: PLACES }
    // Relative: it holds below any prefix that a proxy takes away.
    return new Response(null, { status: 302, headers: { location: 'dashboard' } })
  })
