/**
 * The client of the service's API: sends each request with the session's credential and returns the response or throws an ApiError.
 */
import { serviceUrl } from './service-url.ts'

export interface ApiResponse<Data> {
  readonly data: Data
  readonly meta: { readonly asOf: string; readonly timezone: string }
}

interface ErrorBody {
  readonly error?: {
    readonly message?: string
    readonly details?: readonly { readonly path: string; readonly message: string }[]
  }
  readonly meta?: { readonly correlationId?: string }
}

/** A failed request; `status` is 0 when the service cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly details: readonly string[]
  readonly correlationId: string | undefined
  /** The time until an automatic retry; undefined when a retry is useless. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: ErrorBody, retryAfterMs?: number) {
    super(body.error?.message ?? 'The service cannot be reached.')
    this.status = status
    this.details = (body.error?.details ?? []).map(({ path, message }) => `${path}: ${message}`)
    this.correlationId = body.meta?.correlationId
    this.retryAfterMs = retryAfterMs
  }
}

/** The maximum number of responses that are kept for conditional requests. */
const MAX_CACHED_RESPONSES = 40
const RESPONSE_TIMEOUT_MS = 60_000
const UNREACHABLE_RETRY_MS = 4_000
const DEFAULT_RETRY_MS = 5_000

export type CredentialSource = () => { readonly credential: string; readonly tenant: string | undefined }

export class ApiClient {
  readonly #credentials: CredentialSource
  readonly #cache = new Map<string, { readonly etag: string; readonly body: ApiResponse<unknown> }>()

  /** Each request calls `credentials` for its current credential and tenant. */
  constructor(credentials: CredentialSource) {
    this.#credentials = credentials
  }

  /** Returns the response to a query: the same object as before while the data is unchanged. Rejects with an ApiError, or with the reason of the signal. */
  async get<Data>(path: string, signal: AbortSignal): Promise<ApiResponse<Data>> {
    const cached = this.#cache.get(path)
    const response = await this.request(path, signal, cached ? { 'if-none-match': cached.etag } : {})
    if (response.status === 304 && cached) return cached.body as ApiResponse<Data>
    const body = (await response.json()) as ApiResponse<Data>
    const etag = response.headers.get('etag')
    this.#cache.delete(path)
    if (etag !== null) this.#cache.set(path, { etag, body })
    if (this.#cache.size > MAX_CACHED_RESPONSES) this.#cache.delete(this.#cache.keys().next().value!)
    return body
  }

  /** Returns the raw response, for streams. Rejects like `get`; `signal` also aborts the reading of the body. */
  async request(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
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
          ...headers,
        },
        cache: 'no-store',
        signal: AbortSignal.any([signal, timeout.signal]),
      })
    } catch {
      signal.throwIfAborted()
      throw new ApiError(0, {}, UNREACHABLE_RETRY_MS)
    } finally {
      clearTimeout(timer)
    }
    if (response.ok || response.status === 304) return response
    throw await toApiError(response)
  }

  /** Removes all cached responses, because they belong to another session or tenant. */
  clearCache(): void {
    this.#cache.clear()
  }
}

async function toApiError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody
  const { status } = response
  const seconds = Number(response.headers.get('retry-after'))
  const isRetryable = status === 429 || status === 503
  return new ApiError(status, body, isRetryable ? (seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_MS) : undefined)
}
