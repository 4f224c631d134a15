/**
 * The service, as the page asks it: a path goes out with the session's credential, an answer or a Refusal comes back.
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

/** An answer that is none: `status` 0 when the service could not be reached at all. */
export class ApiError extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly details: readonly string[]
  readonly correlationId: string | undefined
  /** After so long it makes sense to try again by oneself; undefined when it does not. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: ErrorBody, retryAfterMs?: number) {
    super(body.error?.message ?? 'The service cannot be reached.')
    this.status = status
    this.details = (body.error?.details ?? []).map(({ path, message }) => `${path}: ${message}`)
    this.correlationId = body.meta?.correlationId
    this.retryAfterMs = retryAfterMs
  }
}

/** Answers that are kept, to be named instead of sent again. */
const MAX_CACHED_RESPONSES = 40
const RESPONSE_TIMEOUT_MS = 60_000
const UNREACHABLE_RETRY_MS = 4_000
const DEFAULT_RETRY_MS = 5_000

export type CredentialSource = () => { readonly credential: string; readonly tenant: string | undefined }

export class ApiClient {
  readonly #credentials: CredentialSource
  readonly #cache = new Map<string, { readonly etag: string; readonly body: ApiResponse<unknown> }>()

  /** Asks with whatever credentials hold at the time. */
  constructor(credentials: CredentialSource) {
    this.#credentials = credentials
  }

  /** The answer to a question; the very same object as before while the numbers are the same. Rejects with a Refusal, or with the signal's reason. */
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

  /** The response itself, for what is read as it comes. Rejects as `ask` does; `signal` ends the reading too. */
  async request(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { credential, tenant } = this.#credentials()
    let response: Response
    // Until the answer begins: a stream may then last as long as it likes.
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

  /** Forgets what was answered: it was for another. */
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
