/**
 * The digits of numbers as the producer wrote them. JSON.parse reads each number as a double, which represents integers exactly only up to 2^53 − 1: two larger ids may
 * become the same number, and a larger id may become another one.
 */
import type { JsonObject } from '../event-envelope.ts'

/** Source text access of JSON.parse (ES2025), which the library types do not contain yet. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): { readonly rawJSON: string }
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

/** A number that may have more digits than a double represents, or that is too small for one. A match inside a text costs time but changes nothing. */
const LONG_NUMBER = /[\d.]{17,}|\de-\d{3}/i

/** The message has more levels than the call stack allows. */
export class NestedTooDeeply extends Error {
  override readonly name = 'NestedTooDeeply'
}

/** Runs a task that recurses into each level of a message. Throws NestedTooDeeply when the call stack is exhausted. */
export function withDepthCheck<Result>(task: () => Result): Result {
  try {
    return task()
  } catch (error) {
    if (error instanceof RangeError) throw new NestedTooDeeply()
    throw error
  }
}

/** The numbers of a message with all their digits. The message is parsed again only when they are needed, which is rare. Throws NestedTooDeeply. */
export class ExactNumbers {
  readonly #text: string
  #message: JsonObject | undefined
  #hasLongNumber: boolean | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** The `data` of the message. A number that would change is a `JSON.rawJSON` object, which JSON.stringify writes with its original digits. */
  get data(): JsonObject {
    return this.#parsed['data'] as JsonObject
  }

  /** The digits of an integer of any size, at the top level of the message or in its `data`; undefined for a fraction. */
  wholeNumberDigits(value: number, container: 'message' | 'data', field: string): string | undefined {
    if (Number.isSafeInteger(value)) return String(value)
    // A double above 2^53 is always an integer, but the text may contain a fraction.
    if (Number.isFinite(value) && !Number.isInteger(value)) return undefined
    const exact = (container === 'data' ? this.data : this.#parsed)[field]
    return isRawJSON(exact) ? toWholeDigits(exact.rawJSON) : undefined
  }

  /** Whether serialising the value would change one of its numbers: -0, an integer above 2^53, a fraction with many digits, a number outside the range of a double. */
  losesPrecision(value: unknown): boolean {
    if (typeof value === 'number') return this.#isInexact(value)
    if (typeof value !== 'object' || value === null) return false
    if (Array.isArray(value)) return value.some((item) => this.losesPrecision(item))
    for (const key in value) if (this.losesPrecision((value as JsonObject)[key])) return true
    return false
  }

  #isInexact(value: number): boolean {
    if (Number.isSafeInteger(value) && value !== 0) return false
    if (!Number.isFinite(value) || Object.is(value, -0) || (value !== 0 && Number.isInteger(value))) return true
    return (this.#hasLongNumber ??= LONG_NUMBER.test(this.#text))
  }

  get #parsed(): JsonObject {
    return (this.#message ??= withDepthCheck(() => JSON.parse(this.#text, keepDigits) as JsonObject))
  }
}

/** Whether a value is a `JSON.rawJSON` object, which represents a number. */
export function isRawNumber(value: unknown): boolean {
  return isRawJSON(value)
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || (Number.isSafeInteger(value) && value !== 0)) return value
  const source = context?.source
  // Zeros are frequent, and an object per zero would be expensive.
  return source === undefined || source === '0' ? value : rawJSON(source)
}

/** The largest power of ten in the range of a double. An id with more digits is never written with an exponent. */
const MAX_EXPONENT = 308

/** `1.5e3` → `1500`; undefined when the number is not an integer. */
function toWholeDigits(source: string): string | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(source) ?? []
  const exponent = Number(power)
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined
  const digits = whole + fraction
  const length = whole.length + exponent
  if (/[1-9]/.test(digits.slice(Math.max(0, length)))) return undefined
  const kept = digits
    .slice(0, Math.max(0, length))
    .padEnd(length, '0')
    .replace(/^0+(?=\d)/, '')
  return kept === '0' || kept === '' ? '0' : sign + kept
}
