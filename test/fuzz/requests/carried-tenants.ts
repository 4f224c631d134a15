import { fc } from '../../support/base/properties.ts'
import type { FuzzOperation } from '../operations.ts'
import type { FuzzRequest } from './request.ts'
import { tenantId, validRequest } from './requests.ts'

/** The places in a request for the id of another tenant. */
type Carrier = (request: FuzzRequest, name: string, other: string) => FuzzRequest

const NAMES = [
  'tenantId',
  'tenant',
  'tenant_id',
  'tenantid',
  'TENANTID',
  'TenantId',
  'tenant-id',
  'X-Tenant-Id',
  'x-tenant',
  'org',
  'sub',
  'user',
]

const withHeaders = (request: FuzzRequest, ...lines: readonly string[]): FuzzRequest => ({
  ...request,
  headers: [...request.headers, ...lines],
})
const withQuery = (request: FuzzRequest, ...pairs: readonly string[]): FuzzRequest => ({
  ...request,
  target: `${request.target}${request.target.includes('?') ? '&' : '?'}${pairs.join('&')}`,
  expected: { is: 'refused', statuses: [400] },
})
const withPath = (request: FuzzRequest, change: (path: string) => string): FuzzRequest => {
  const [path = '', query] = request.target.split('?', 2)
  return {
    ...request,
    target: change(path) + (query === undefined ? '' : `?${query}`),
    expected: { is: 'refused', statuses: [404] },
  }
}
const withBody = (request: FuzzRequest, type: string, body: string): FuzzRequest => ({
  ...withHeaders(request, `Content-Type: ${type}`),
  body,
})
const unverified = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64url')

/** An undocumented header or body changes nothing: the response contains the data of the requesting tenant. */
const CARRIERS: Readonly<Record<string, Carrier>> = {
  header: (request, name, other) => withHeaders(request, `${name}: ${other}`),
  'header twice': (request, name, other) =>
    withHeaders(request, `${name}: ${request.credential.tenant}`, `${name}: ${other}`),
  cookie: (request, name, other) => withHeaders(request, `Cookie: ${name}=${other}; session=${other}`),
  'forwarded user': (request, _, other) =>
    withHeaders(request, `X-Forwarded-User: ${other}`, `X-Remote-User: ${other}`),
  'forwarded host': (request, _, other) =>
    withHeaders(request, `X-Forwarded-Host: ${other}.example`, `X-Original-URL: /${other}`),
  'other authorization': (request, name, other) =>
    withHeaders(
      request,
      `Proxy-Authorization: Bearer x.${unverified({ [name]: other })}.x`,
      `X-Authorization: ${other}`,
    ),
  baggage: (request, name, other) => withHeaders(request, `Baggage: ${name}=${other}`, `Traceparent: 00-${other}`),
  query: (request, name, other) => withQuery(request, `${name}=${encodeURIComponent(other)}`),
  'query twice': (request, name, other) =>
    withQuery(
      request,
      `${name}=${encodeURIComponent(request.credential.tenant)}`,
      `${name}=${encodeURIComponent(other)}`,
    ),
  'query in brackets': (request, name, other) =>
    withQuery(request, `${name}[]=${encodeURIComponent(other)}`, `filter[${name}]=${encodeURIComponent(other)}`),
  'query without a name': (request, _, other) => withQuery(request, encodeURIComponent(other)),
  'path before': (request, name, other) => withPath(request, (path) => `/${name}/${encodeURIComponent(other)}${path}`),
  // Behind `messages` it is the id of a message, whose route has other parameters.
  'path behind': (request, _, other) => ({
    ...withPath(request, (path) => `${path}/${encodeURIComponent(other)}`),
    expected: { is: 'refused', statuses: [400, 404] },
  }),
  'path parameter': (request, name, other) =>
    withPath(request, (path) => `${path};${name}=${encodeURIComponent(other)}`),
  'json body': (request, name, other) =>
    withBody(request, 'application/json', JSON.stringify({ [name]: other, claims: { [name]: other } })),
  'form body': (request, name, other) =>
    withBody(request, 'application/x-www-form-urlencoded', `${name}=${encodeURIComponent(other)}`),
}

export const CARRIER_NAMES = Object.keys(CARRIERS)

/** A valid request of one tenant that also names another tenant, in the given place or in any. */
export function carriedTenant(operation: FuzzOperation, only?: string): fc.Arbitrary<FuzzRequest> {
  return fc
    .record({
      request: validRequest(operation),
      other: tenantId,
      name: fc.constantFrom(...NAMES),
      carrier: only === undefined ? fc.constantFrom(...CARRIER_NAMES) : fc.constant(only),
    })
    .filter(({ request, other }) => request.credential.tenant !== other)
    .map(({ request, other, name, carrier }) => (CARRIERS[carrier] as Carrier)(request, name, other))
}
