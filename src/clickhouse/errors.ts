import { messageOf, StoreFailure, type StoreFailureKind } from '../errors.ts'
import { NO_ROWS } from './rows.ts'

/** The engine read the data and cannot take it: the same again fails the same way. Codes from ClickHouse's ErrorCodes.cpp. */
const REJECTED = new Set([6, 25, 26, 27, 38, 41, 53, 70, 72, 117, 131, 167, 321, 349, 376, 407, 611])
const TIMEOUT = new Set([159, 160])
/** Memory, rows, concurrency: too much was asked for at once. */
const OVERLOADED = new Set([158, 202, 241, 307, 396])

/**
 * What a thrown error of the client or the engine means. The engine's own words may quote SQL and rows, so they are kept as the cause and the message, which gets into
 * the log, names the code alone.
 */
export function toStoreFailure(error: unknown): StoreFailure {
  if (error instanceof StoreFailure) return error
  const engineCode = codeOf(error)
  const message =
    engineCode === undefined ? wordsOf(error) : `The engine answered with code ${engineCode} (${typeOf(error)}).`
  return new StoreFailure(kindOf(engineCode), message, { engineCode, cause: error })
}

/** A body that the client cannot read becomes the message of a bare error, as it came. */
const UNREADABLE = 'The store answered with something that is no answer of its kind.'
/** Bare errors whose words are the client's or ours. */
const PLAIN_WORDS: ReadonlySet<string> = new Set([NO_ROWS, 'Timeout error.', 'socket hang up'])

function wordsOf(error: unknown): string {
  const isBare = error instanceof Error && error.name === 'Error' && !('code' in error)
  return isBare && !PLAIN_WORDS.has(error.message) ? UNREADABLE : messageOf(error)
}

function codeOf(error: unknown): number | undefined {
  // Each form of the client has an error class of its own.
  if (error instanceof Error && 'code' in error && /^\d+$/.test(String(error.code))) return Number(error.code)
  return undefined
}

function typeOf(error: unknown): string {
  return error instanceof Error && 'type' in error ? String(error.type) : 'no name'
}

function kindOf(engineCode: number | undefined): StoreFailureKind {
  if (engineCode === undefined) return 'unavailable'
  if (REJECTED.has(engineCode)) return 'rejected'
  if (TIMEOUT.has(engineCode)) return 'timeout'
  return OVERLOADED.has(engineCode) ? 'overloaded' : 'unavailable'
}
