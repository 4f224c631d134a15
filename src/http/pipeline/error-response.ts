/**
 * The one place where a failure becomes a response: a status, headers and a body. Texts of libraries, of the store and of the runtime are never part of it.
 */
import { type Static, Type } from '@sinclair/typebox'
import { object } from '../../analytics/schemas.ts'
import { ApiFailure, type FailureCode, LimitFailure, StoreFailure } from '../../base/errors.ts'
import { MethodNotAllowed } from './routing/route-table.ts'

const STATUS_BY_CODE: Readonly<Record<FailureCode, number>> = {
  VALIDATION_ERROR: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  CONFLICT: 409,
  PRECONDITION_FAILED: 412,
  PRECONDITION_REQUIRED: 428,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  TOO_MANY_GROUPS: 400,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  ENGAGEMENT_NOT_READY: 503,
  QUERY_TIMEOUT: 504,
  REQUEST_CANCELLED: 499,
}

/** Seconds after which a client should try again, unless the failure itself says so. */
const RETRY_AFTER_SECONDS: Readonly<Partial<Record<FailureCode, number>>> = {
  RATE_LIMITED: 1,
  UNAVAILABLE: 2,
  ENGAGEMENT_NOT_READY: 60,
}

export const ErrorResponse = object(
  {
    success: Type.Literal(false, { description: 'Always false.' }),
    error: object(
      {
        code: Type.String({ description: 'The error code, for programs: VALIDATION_ERROR, UNAUTHORIZED, …' }),
        message: Type.String({ description: 'The error message, for people.' }),
        details: Type.Optional(
          Type.Array(
            object(
              {
                path: Type.String({ description: 'The name of the parameter or part' }),
                message: Type.String({ description: 'What is wrong with it' }),
              },
              'An invalid parameter or a failing part.',
              'ErrorDetail',
            ),
            { description: 'Each invalid parameter or failing part, where the message does not say everything.' },
          ),
        ),
      },
      'The error.',
      'ApiError',
    ),
    meta: object(
      { correlationId: Type.String({ description: 'The id of the request, for logs and support' }) },
      'About the response.',
      'ErrorMeta',
    ),
  },
  'A failed request.',
  'ErrorResponse',
)
export type ErrorResponse = Static<typeof ErrorResponse>

export interface RenderedError {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorResponse
  /** Whether the service failed, which is logged as an error. */
  readonly isServerError: boolean
}

export function renderError(thrown: unknown, correlationId: string): RenderedError {
  const { code, message, details } = toApiFailure(thrown)
  const retryAfter = thrown instanceof LimitFailure ? thrown.retryAfterSeconds : RETRY_AFTER_SECONDS[code]
  return {
    status: STATUS_BY_CODE[code],
    headers: {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(thrown instanceof MethodNotAllowed ? { allow: thrown.allowedMethods.join(', ') } : {}),
      ...(code === 'UNAUTHORIZED' ? { 'www-authenticate': 'Bearer' } : {}),
    },
    body: {
      success: false,
      error: { code, message, ...(details.length > 0 ? { details: [...details] } : {}) },
      meta: { correlationId },
    },
    isServerError: STATUS_BY_CODE[code] >= 500,
  }
}

function toApiFailure(thrown: unknown): ApiFailure {
  if (thrown instanceof ApiFailure) return thrown
  if (thrown instanceof StoreFailure) {
    if (thrown.kind === 'timeout')
      return new ApiFailure('QUERY_TIMEOUT', 'The query took too long. Ask for a shorter range.')
    if (thrown.kind !== 'rejected')
      return new ApiFailure('UNAVAILABLE', 'The store cannot answer right now. Try again shortly.')
  }
  return new ApiFailure('INTERNAL', 'Something went wrong on our side.')
}
