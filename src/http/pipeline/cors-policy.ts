import { correlationIdOf } from './request-context.ts'

/** What pages of other origins may use, and may see of an answer. The same for every path: a preflight tells nobody what is there. */
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, x-api-key, x-tenant-id, content-type, if-none-match, x-correlation-id',
  'access-control-max-age': '600',
}
const EXPOSED_HEADERS = 'etag, content-disposition, x-correlation-id, ratelimit, ratelimit-policy, retry-after'

/**
 * CORS by a list of exact origins. Credentials are never allowed: nothing here is kept in a cookie, and a page that has no token gets nothing. An origin that is not on the
 * list is answered as if it had not named itself, which its browser takes for a no.
 */
export class CorsPolicy {
  readonly #origins: ReadonlySet<string>

  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins)
  }

  /** Whether any page of another origin may read anything. */
  get isEnabled(): boolean {
    return this.#origins.size > 0
  }

  /** The service's answer, which the page that asked may read if its origin is on the list. */
  async respond(
    request: Request,
    preflightHeaders: Readonly<Record<string, string>>,
    next: (request: Request) => Response | Promise<Response>,
  ): Promise<Response> {
    const origin = this.#allowedOrigin(request)
    const response =
      origin !== undefined && isPreflight(request) ? preflightResponse(request, preflightHeaders) : await next(request)
    response.headers.append('vary', 'origin')
    if (origin === undefined) return response
    response.headers.set('access-control-allow-origin', origin)
    response.headers.set('access-control-expose-headers', EXPOSED_HEADERS)
    return response
  }

  #allowedOrigin(request: Request): string | undefined {
    const origin = request.headers.get('origin')
    return origin !== null && this.#origins.has(origin) ? origin : undefined
  }
}

/** The question that a browser asks before the request itself, without a token. */
function isPreflight({ method, headers }: Request): boolean {
  return method === 'OPTIONS' && headers.has('access-control-request-method')
}

function preflightResponse(request: Request, headers: Readonly<Record<string, string>>): Response {
  const responseHeaders = { ...headers, ...PREFLIGHT_HEADERS, 'x-correlation-id': correlationIdOf(request) }
  return new Response(null, { status: 204, headers: responseHeaders })
}
