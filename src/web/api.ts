/**
 * The service, as the page asks it: a path goes out with the session's credential, an answer or a Refusal comes back.
 */
import { serviceUrl } from './service-url.ts'

export interface Answer<Data> {
  readonly data: Data
  readonly meta: { readonly asOf: string; readonly timezone: string }
}

interface FailureBody {
  readonly error?: {
    readonly message?: string
    readonly details?: readonly { readonly path: string; readonly message: string }[]
  }
  readonly meta?: { readonly correlationId?: string }
}

/** An answer that is none: `status` 0 when the service could not be reached at all. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly details: readonly string[]
  readonly correlationId: string | undefined
  /** After so long it makes sense to try again by oneself; undefined when it does not. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: FailureBody, retryAfterMs?: number) {
    super(body.error?.message ?? 'The service cannot be reached.')
    this.status = status
    this.details = (body.error?.details ?? []).map(({ path, message }) => `${path}: ${message}`)
    this.correlationId = body.meta?.correlationId
    this.retryAfterMs = retryAfterMs
  }
}

/** Answers that are kept, to be named instead of sent again. */
const MAX_KEPT = 40
const PATIENCE_MS = 60_000
const UNREACHABLE_RETRY_MS = 4_000
const DEFAULT_RETRY_MS = 5_000

export type Credentials = () => { readonly credential: string; readonly tenant: string | undefined }

export class Api {
  readonly #credentials: Credentials
  readonly #kept = new Map<string, { readonly etag: string; readonly answer: Answer<unknown> }>()

  /** Asks with whatever credentials hold at the time. */
  constructor(credentials: Credentials) {
    this.#credentials = credentials
  }

  /** The answer to a question; the very same object as before while the numbers are the same. Rejects with a Refusal, or with the signal's reason. */
  async ask<Data>(path: string, signal: AbortSignal): Promise<Answer<Data>> {
    const kept = this.#kept.get(path)
    const response = await this.open(path, signal, kept ? { 'if-none-match': kept.etag } : {})
    if (response.status === 304 && kept) return kept.answer as Answer<Data>
    const answer = (await response.json()) as Answer<Data>
    const etag = response.headers.get('etag')
    this.#kept.delete(path)
    if (etag !== null) this.#kept.set(path, { etag, answer })
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!)
    return answer
  }

  /** The response itself, for what is read as it comes. Rejects as `ask` does; `signal` ends the reading too. */
  async open(path: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const { credential, tenant } = this.#credentials()
    let response: Response
    // Until the answer begins: a stream may then last as long as it likes.
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), PATIENCE_MS)
    try {
      response = await fetch(serviceUrl(path), {
        headers: {
          authorization: `Bearer ${credential}`,
          ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
          ...headers,
        },
        cache: 'no-store',
        signal: AbortSignal.any([signal, late.signal]),
      })
    } catch {
      signal.throwIfAborted()
      throw new Refusal(0, {}, UNREACHABLE_RETRY_MS)
    } finally {
      clearTimeout(timer)
    }
    if (response.ok || response.status === 304) return response
    throw await refusalOf(response)
  }

  /** Forgets what was answered: it was for another. */
  forget(): void {
    this.#kept.clear()
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  const body = (await response.json().catch(() => ({}))) as FailureBody
  const { status } = response
  const seconds = Number(response.headers.get('retry-after'))
  const comesBack = status === 429 || status === 503
  return new Refusal(status, body, comesBack ? (seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_MS) : undefined)
}
