import { messageOf, StoreFailure, type StoreFailureKind } from '../../base/errors.ts'
import { INVALID_ROWS_MESSAGE } from './json-rows.ts'

/** The engine read the data and rejects it; a retry would fail in the same way. Codes from ErrorCodes.cpp of ClickHouse. */
const REJECTED_CODES = new Set([6, 25, 26, 27, 38, 41, 53, 70, 72, 117, 131, 167, 321, 349, 376, 407, 611])
const TIMEOUT_CODES = new Set([159, 160])
/** Limits of memory, rows or concurrency. */
const OVERLOADED_CODES = new Set([158, 202, 241, 307, 396])

/**
 * Classifies an error of the client or the engine. The message contains the code only, as it is logged; the text of the engine, which may quote SQL and rows, is kept as the
 * cause. The message begins with the name of the statement, if it has one.
 */
export function toStoreFailure(error: unknown, statementName?: string): StoreFailure {
  if (error instanceof StoreFailure) return error
  const engineCode = engineCodeOf(error)
  const message =
    engineCode === undefined ? safeMessageOf(error) : `engine error code ${engineCode} (${errorTypeOf(error)})`
  return new StoreFailure(
    failureKindOf(engineCode),
    statementName === undefined ? message : `${statementName}: ${message}`,
    { engineCode, cause: error },
  )
}

/** The client turns a response that it cannot parse into the message of an error without a code. */
const UNREADABLE_RESPONSE = 'unexpected response from ClickHouse'
/** Messages of errors without a code that quote nothing. */
const SAFE_MESSAGES: ReadonlySet<string> = new Set([INVALID_ROWS_MESSAGE, 'Timeout error.', 'socket hang up'])

function safeMessageOf(error: unknown): string {
  const isBare = error instanceof Error && error.name === 'Error' && !('code' in error)
  return isBare && !SAFE_MESSAGES.has(error.message) ? UNREADABLE_RESPONSE : messageOf(error)
}

function engineCodeOf(error: unknown): number | undefined {
  // Each variant of the client has its own error class.
  if (error instanceof Error && 'code' in error && /^\d+$/.test(String(error.code))) return Number(error.code)
  return undefined
}

function errorTypeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : 'unknown'
}

function failureKindOf(engineCode: number | undefined): StoreFailureKind {
  if (engineCode === undefined) return 'unavailable'
  if (REJECTED_CODES.has(engineCode)) return 'rejected'
  if (TIMEOUT_CODES.has(engineCode)) return 'timeout'
  return OVERLOADED_CODES.has(engineCode) ? 'overloaded' : 'unavailable'
}
