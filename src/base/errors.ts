/** One thing wrong with a request: where, and what to do about it. */
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
  | 'PAYLOAD_TOO_LARGE'
  | 'RATE_LIMITED'
  | 'UNAVAILABLE'
  | 'QUERY_TIMEOUT'
  | 'INTERNAL'

/**
 * A failure that an API client is told about. Its message is written by us and safe to show; the cause is for the log only.
 */
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

/** A client asked more than it may; it says by what limit, and when to come again. */
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

/** Ends a response that its client does not read in time. Nobody is told, and it is no defect: any client may do so. */
export class ResponseReadTimeout extends Error {
  override readonly name = 'UnreadResponse'
}

export function invalidParameter(path: string, message: string): ApiFailure {
  return new ApiFailure('VALIDATION_ERROR', 'The request has invalid parameters.', [{ path, message }])
}

/**
 * What a failed store call means for its caller:
 * - `unavailable`: nobody knows whether it was applied; try again, after a look at what is stored
 * - `rejected`: the store read the data and refuses it for good; trying the same again cannot help
 * - `timeout`: it ran into its time limit
 * - `overloaded`: it was not started, because too much is waiting already
 * - `fenced`: whoever asked was closed off by others and must not write any more
 */
export type StoreFailureKind = 'unavailable' | 'rejected' | 'timeout' | 'overloaded' | 'fenced'

export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly kind: StoreFailureKind
  /** The engine's numeric exception code, when it gave one. */
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

/** A start-up problem that waiting cannot cure (a changed migration, an unusable data directory): says what to do. */
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
