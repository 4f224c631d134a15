import { correlationIdOf } from './correlation-id.ts'

/** The methods and headers that pages of other origins may send, and the response headers that they may read: the same for every path, so that a preflight does not reveal which paths exist. */
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, x-api-key, x-tenant-id, content-type, if-match, if-none-match, x-correlation-id',
  'access-control-max-age': '600',
}
const EXPOSED_HEADERS = 'etag, content-disposition, x-correlation-id, ratelimit, ratelimit-policy, retry-after'

/**
 * CORS by a list of exact origins. Credentials are never allowed: nothing is kept in a cookie, and a page without a token gets no data. A request of an origin that is not on
 * the list is answered like one without an origin, which its browser treats as a refusal.
 */
export class CorsPolicy {
  readonly #origins: ReadonlySet<string>

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins)
  }

  /** The response to a preflight request of an allowed origin; undefined for any other request. */
  preflightResponse(request: Request, headers: Readonly<Record<string, string>>): Response | undefined {
    if (!isPreflight(request) || this.#allowedOriginOf(request) === undefined) return undefined
    return new Response(null, {
      status: 204,
      headers: { ...headers, ...PREFLIGHT_HEADERS, 'x-correlation-id': correlationIdOf(request) },
    })
  }

  /** Allows the page that sent the request to read the response, if its origin is on the list. Returns the same response. */
  addHeaders(request: Request, response: Response): Response {
    if (this.#origins.size === 0) return response
    response.headers.append('vary', 'origin')
    const origin = this.#allowedOriginOf(request)
    if (origin === undefined) return response
    response.headers.set('access-control-allow-origin', origin)
    response.headers.set('access-control-expose-headers', EXPOSED_HEADERS)
    return response
  }

  #allowedOriginOf(request: Request): string | undefined {
    const origin = request.headers.get('origin')
    return origin !== null && this.#origins.has(origin) ? origin : undefined
  }
}

/** A browser sends a preflight, without a token, before a request of a page of another origin. */
function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method')
}
