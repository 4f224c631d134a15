/**
 * The client of the service's API. Its types are those of the service itself: the data of a dashboard has the type of its schema.
 */
import type { DashboardName, DataOf } from '../../analytics/dashboards/dashboards.ts'
import type { ResponseMeta } from '../../http/dashboards/dashboard-responses.ts'
import { ApiError } from './api-error.ts'
import { serviceUrl } from './service-url.ts'

export interface ApiResponse<Data> {
  readonly data: Data
  readonly meta: ResponseMeta
}

/** The parameters of a request. One that is undefined is left out. */
export type Parameters = Readonly<Record<string, string | undefined>>

const API_PATH = 'api/v1/analytics/'
/** The maximum number of responses that are kept for conditional requests. */
const MAX_CACHED_RESPONSES = 40
/** The maximum time until a response begins, and then until its data is complete. */
const RESPONSE_TIMEOUT_MS = 60_000

export interface Credentials {
  readonly credential: string
  readonly tenant: string | undefined
}

export class ApiClient {
  readonly #credentials: () => Credentials
  readonly #cache = new Map<string, { readonly etag: string; readonly body: ApiResponse<unknown> }>()

  /** Each request calls `credentials` for its current credential and tenant. */
  constructor(credentials: () => Credentials) {
    this.#credentials = credentials
  }

  /**
   * Returns the response of a dashboard. Unchanged data is the same object as before, as of the time of the latest response. Rejects with an ApiError, or with the reason of the signal.
   */
  async dashboard<Name extends DashboardName>(
    name: Name,
    parameters: Parameters,
    signal: AbortSignal,
  ): Promise<ApiResponse<DataOf<Name>>> {
    return this.revalidated<DataOf<Name>>(apiPath(name, parameters), signal)
  }

  /** The same for any path of `apiPath`; a request with a body is a `POST`. */
  async revalidated<Data>(path: string, signal: AbortSignal, requestBody?: object): Promise<ApiResponse<Data>> {
    const key = `${this.#credentials().tenant ?? ''} ${path} ${requestBody ? JSON.stringify(requestBody) : ''}`
    const cached = this.#cache.get(key)
    const stalled = new AbortController()
    const headers = cached ? { 'if-none-match': cached.etag } : undefined
    const response = await this.request(path, AbortSignal.any([signal, stalled.signal]), headers, requestBody)
    if (response.status === 304 && cached) {
      const { data, meta } = cached.body as ApiResponse<Data>
      return { data, meta: { ...meta, asOf: laterOf(meta.asOf, response.headers.get('date')) } }
    }
    const timer = setTimeout(() => stalled.abort(), RESPONSE_TIMEOUT_MS)
    const body = await readJson<ApiResponse<Data>>(response, signal).finally(() => clearTimeout(timer))
    // A response that arrives after a change of the session must not get into the cache.
    signal.throwIfAborted()
    const etag = response.headers.get('etag')
    this.#cache.delete(key)
    if (etag !== null) this.#cache.set(key, { etag, body })
    if (this.#cache.size > MAX_CACHED_RESPONSES) this.#cache.delete(this.#cache.keys().next().value!)
    return body
  }

  /** Returns the response to a request without caching, by `POST` where it has a body. Rejects like `dashboard`. */
  async read<Data>(path: string, signal: AbortSignal, body?: object): Promise<ApiResponse<Data>> {
    return readJson<ApiResponse<Data>>(await this.request(path, signal, {}, body), signal)
  }

  /**
   * Returns the raw response to a path of `apiPath`, for streams and files; a request with a body is a `POST` where `method` does not say otherwise. Rejects like `dashboard`;
   * `signal` also aborts the reading of the response.
   */
  async request(
    path: string,
    signal: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
    body?: object,
    method = body ? 'POST' : 'GET',
  ): Promise<Response> {
    const { credential, tenant } = this.#credentials()
    let response: Response
    // Applies until the response begins: a stream may then last for any time.
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(), RESPONSE_TIMEOUT_MS)
    try {
      response = await fetch(serviceUrl(path), {
        headers: {
          authorization: `Bearer ${credential}`,
          ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
          ...(body && { 'content-type': 'application/json' }),
          ...headers,
        },
        method,
        ...(body && { body: JSON.stringify(body) }),
        cache: 'no-store',
        signal: AbortSignal.any([signal, timeout.signal]),
      })
    } catch {
      signal.throwIfAborted()
      throw ApiError.unreachable()
    } finally {
      clearTimeout(timer)
    }
    if (response.ok || response.status === 304) return response
    throw await ApiError.of(response)
  }

  /** Removes all cached responses, because they belong to another session. */
  clearCache(): void {
    this.#cache.clear()
  }
}

/** The path of an API request, relative to the address of the service. */
export function apiPath(name: string, parameters: Parameters): string {
  const pairs = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const query = new URLSearchParams(pairs).toString()
  return query === '' ? API_PATH + name : `${API_PATH}${name}?${query}`
}

/** The later of an instant and the `Date` header of a response, which has whole seconds. */
function laterOf(asOf: string, date: string | null): string {
  const time = Date.parse(date ?? '')
  return time > Date.parse(asOf) ? new Date(time).toISOString() : asOf
}

/** Reads a body. One that ends early or stalls means that the connection was lost. */
async function readJson<Body>(response: Response, signal: AbortSignal): Promise<Body> {
  try {
    return (await response.json()) as Body
  } catch {
    signal.throwIfAborted()
    throw ApiError.unreachable()
  }
}
