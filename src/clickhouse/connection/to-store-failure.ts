import { messageOf, StoreFailure, type StoreFailureKind } from '../../base/errors.ts'
import { INVALID_ROWS_MESSAGE } from './json-rows.ts'

/** The engine read the data and cannot take it: the same again fails the same way. Codes from ClickHouse's ErrorCodes.cpp. */
const REJECTED_CODES = new Set([6, 25, 26, 27, 38, 41, 53, 70, 72, 117, 131, 167, 321, 349, 376, 407, 611])
const TIMEOUT_CODES = new Set([159, 160])
/** Memory, rows, concurrency: too much was asked for at once. */
const OVERLOADED_CODES = new Set([158, 202, 241, 307, 396])

/**
 * What a thrown error of the client or the engine means. The engine's own words may quote SQL and rows, so they are kept as the cause and the message, which gets into
 * the log, names the code alone.
 */
export function toStoreFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error
  const engineCode = engineCodeOf(error)
  const message =
    engineCode === undefined
      ? safeMessageOf(error)
      : `The engine answered with code ${engineCode} (${errorTypeOf(error)}).`
  return new StoreFailure(failureKindOf(engineCode), message, { engineCode, cause: error })
}

/** A body that the client cannot read becomes the message of a bare error, as it came. */
const UNREADABLE_RESPONSE = 'The store answered with something that is no answer of its kind.'
/** Bare errors whose words are the client's or ours. */
const SAFE_MESSAGES: ReadonlySet<string> = new Set([INVALID_ROWS_MESSAGE, 'Timeout error.', 'socket hang up'])

function safeMessageOf(error: unknown): string {
  const isBare = error instanceof Error && error.name === 'Error' && !('code' in error)
  return isBare && !SAFE_MESSAGES.has(error.message) ? UNREADABLE_RESPONSE : messageOf(error)
}

function engineCodeOf(error: unknown): number | undefined {
  // Each form of the client has an error class of its own.
  if (error instanceof Error && 'code' in error && /^\d+$/.test(String(error.code))) return Number(error.code)
  return undefined
}

function errorTypeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : 'no name'
}

function failureKindOf(engineCode: number | undefined): StoreFailureKind {
  if (engineCode === undefined) return 'unavailable'
  if (REJECTED_CODES.has(engineCode)) return 'rejected'
  if (TIMEOUT_CODES.has(engineCode)) return 'timeout'
  return OVERLOADED_CODES.has(engineCode) ? 'overloaded' : 'unavailable'
}
