import { CONFIGURED_ORIGIN, type RequestOptions } from './fixed-app.ts'
import { CLIENT_CORRELATION_ID } from './fixed-words.ts'

export const OVERVIEW = '/api/v1/analytics/overview?timeRange=1d'
const ANONYMOUS: RequestOptions = { headers: { authorization: '' } }

/** One request for each kind of response that needs no broker. */
export const REQUESTS: readonly (readonly [title: string, path: string, options?: RequestOptions])[] = [
  ['a dashboard', OVERVIEW],
  ['a dashboard of one of several tenants', OVERVIEW, severalTenants({ 'x-tenant-id': 'tenant-b' })],
  ['a dashboard of none of several tenants', OVERVIEW, severalTenants({})],
  ['a CSV file', `${OVERVIEW}&format=csv`],
  ['a CSV file by its media type', OVERVIEW, { headers: { accept: 'text/csv' } }],
  ['HEAD of a dashboard', OVERVIEW, { method: 'HEAD' }],
  ['a request without credentials', OVERVIEW, ANONYMOUS],
  ['an unknown API key', OVERVIEW, { headers: { authorization: '', 'x-api-key': 'oa_unknown' } }],
  ['two different credentials', OVERVIEW, { headers: { 'x-api-key': 'oa_unknown' } }],
  ['an expired token', OVERVIEW, { claims: { exp: 1 } }],
  ['a token without a tenant', OVERVIEW, { claims: { tenantId: undefined } }],
  ['a token without the scope to read', OVERVIEW, { claims: { scope: 'other' } }],
  ['a file without the scope to export', `${OVERVIEW}&format=csv`, { claims: { scope: 'analytics:read' } }],
  ['an unknown path', '/api/v1/analytics/unknown'],
  ['an unknown path without credentials', '/unknown', ANONYMOUS],
  ['a wrong method', OVERVIEW, { method: 'POST' }],
  ['a correlation id of the client', OVERVIEW, { headers: { 'x-correlation-id': CLIENT_CORRELATION_ID } }],
  ['a request of a configured origin', OVERVIEW, { headers: { origin: CONFIGURED_ORIGIN } }],
  ['a request of another origin', OVERVIEW, { headers: { origin: 'https://other.example' } }],
  ['a preflight', OVERVIEW, preflight(CONFIGURED_ORIGIN)],
  ['a preflight of another origin', OVERVIEW, preflight('https://other.example')],
  ['the index', '/', ANONYMOUS],
  ['liveness', '/health/live', ANONYMOUS],
  ['readiness', '/health/ready', ANONYMOUS],
  ['the page, not built', '/dashboard', ANONYMOUS],
  ['the documentation, not installed', '/docs', ANONYMOUS],
  ['a stream before it is open', '/api/v1/analytics/live'],
  ['a stream of an unknown dashboard', '/api/v1/analytics/live?dashboard=unknown'],
]

function severalTenants(headers: Readonly<Record<string, string>>): RequestOptions {
  return { claims: { tenantId: undefined, tenantIds: ['tenant-a', 'tenant-b'] }, headers }
}

function preflight(origin: string): RequestOptions {
  const headers = { origin, 'access-control-request-method': 'GET', 'access-control-request-headers': 'authorization' }
  return { method: 'OPTIONS', headers: { authorization: '', ...headers } }
}
