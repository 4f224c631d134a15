/** One problem of a request: its place, and how to correct it. */
export interface FailureDetail {
  readonly path: string
  readonly message: string
}

export type FailureCode =
  | 'VALIDATION_ERROR'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'CONFLICT'
  | 'PRECONDITION_FAILED'
  | 'PRECONDITION_REQUIRED'
  | 'PAYLOAD_TOO_LARGE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'TOO_MANY_GROUPS'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'ENGAGEMENT_NOT_READY'
  | 'QUERY_TIMEOUT'
  | 'REQUEST_CANCELLED'
  | 'INTERNAL'

/** A failure that is reported to the API client. The message is safe to show; the cause is for the log only. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure'
  readonly code: FailureCode
  readonly details: readonly FailureDetail[]

  constructor(code: FailureCode, message: string, details: readonly FailureDetail[] = [], cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.details = details
  }
}

export const LIMIT_REASONS = ['rate', 'concurrency', 'authentication'] as const
export type LimitReason = (typeof LIMIT_REASONS)[number]

/** A client has exceeded a limit: `reason` names it, `retryAfterSeconds` says when to retry. */
export class LimitFailure extends ApiFailure {
  readonly reason: LimitReason
  /** Whole, at least 1. */
  readonly retryAfterSeconds: number

  constructor(reason: LimitReason, message: string, seconds: number) {
    super('RATE_LIMITED', message)
    this.reason = reason
    this.retryAfterSeconds = Math.max(1, Math.ceil(seconds))
  }
}

/** Ends a response that its client does not read in time. It is not reported, as it is no defect: any client may do so. */
export class ResponseReadTimeout extends Error {
  override readonly name = 'ResponseReadTimeout'
}

export function invalidParameter(path: string, message: string): ApiFailure {
  return new ApiFailure('VALIDATION_ERROR', 'The request has invalid parameters.', [{ path, message }])
}

/**
 * The meaning of a failed store call for its caller:
 * - `unavailable`: the outcome is unknown; retry after a lookup of what is stored
 * - `rejected`: the store has read the data and refuses it permanently; a retry cannot help
 * - `timeout`: the call exceeded its time limit
 * - `overloaded`: the call was not started, as too many calls wait already
 * - `fenced`: another process has fenced the caller, which must not write any more
 */
export type StoreFailureKind = 'unavailable' | 'rejected' | 'timeout' | 'overloaded' | 'fenced'

export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly kind: StoreFailureKind
  /** The numeric exception code of the engine, when there is one. */
  readonly engineCode: number | undefined

  constructor(
    kind: StoreFailureKind,
    message: string,
    options: { engineCode?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.engineCode = options.engineCode
  }
}

/** A problem at the start that waiting cannot solve (a changed migration, an unusable data directory). The message says what to do. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure'
}

/** A failure of a command of the command line; its message is printed as it is, without a stack. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
