import type { ErrorResponse } from '../../http/pipeline/error-response.ts'

/** The body of a failed request, where a proxy may have replaced it by anything else. */
type ErrorBody = { readonly [Part in keyof ErrorResponse]?: ErrorResponse[Part] }

const DEFAULT_RETRY_MS = 5_000
const UNREACHABLE_RETRY_MS = 4_000

/** A failed request; `status` is 0 when the service cannot be reached. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** The error code of the service, such as VALIDATION_ERROR; undefined when something else has responded. */
  readonly code: string | undefined
  /** Each invalid parameter or failing part. */
  readonly details: readonly { readonly path: string; readonly message: string }[]
  readonly correlationId: string | undefined
  /** The time until an automatic retry; undefined when a retry is useless. */
  readonly retryAfterMs: number | undefined

  constructor(status: number, body: ErrorBody, retryAfterMs?: number) {
    super(body.error?.message ?? '')
    this.status = status
    this.code = body.error?.code
    this.details = body.error?.details ?? []
    this.correlationId = body.meta?.correlationId
    this.retryAfterMs = retryAfterMs
  }

  static unreachable(): ApiError {
    return new ApiError(0, {}, UNREACHABLE_RETRY_MS)
  }

  static async of(response: Response): Promise<ApiError> {
    const body = (await response.json().catch(() => ({}))) as ErrorBody
    const { status } = response
    const seconds = Number(response.headers.get('retry-after'))
    // A proxy responds with 502 while the service restarts.
    const isRetryable = [429, 502, 503].includes(status)
    return new ApiError(status, body, isRetryable ? (seconds > 0 ? seconds * 1000 : DEFAULT_RETRY_MS) : undefined)
  }
}
