/** Where things are, as `GET /` says it: on every runtime, and beside it where there are pages. */
export const READ_SIDE_PLACES = {
  name: 'Outreach Analytics',
  openapi: '/docs/json',
  dashboards: '/api/v1/analytics',
  health: { live: '/health/live', ready: '/health/ready' },
  metrics: '/metrics',
}

export const PLACES = { ...READ_SIDE_PLACES, page: '/dashboard', docs: '/docs' }
