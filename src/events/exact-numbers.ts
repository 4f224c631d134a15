/**
 * The digits of numbers as a producer wrote them. JSON.parse reads each number as a double, and a double holds whole numbers up to 2^53 − 1 only: two ids beyond that
 * may become one, and one id another.
 */
import type { JsonObject } from './event-envelope.ts'

/** JSON.parse's source text access (ES2025): newer than the library types. */
const { rawJSON, isRawJSON } = JSON as unknown as {
  rawJSON(text: string): { readonly rawJSON: string }
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}

/** A number whose digits may be more than a double holds, or so small that a double holds nothing of it. Texts that look like one only cost time. */
const LONG_NUMBER = /[\d.]{17,}|\de-\d{3}/i

/** The runtime cannot walk through the message: it calls itself for each level. */
export class NestedTooDeeply extends Error {
  override readonly name = 'NestedTooDeeply'
}

/** Runs what calls itself for each level of a message. Throws NestedTooDeeply when there are too many. */
export function withDepthCheck<Result>(task: () => Result): Result {
  try {
    return task()
  } catch (error) {
    if (error instanceof RangeError) throw new NestedTooDeeply()
    throw error
  }
}

/** A message's numbers by their text. The message is parsed once more when that is asked for first: most events never need it. Both throw NestedTooDeeply. */
export class ExactNumbers {
  readonly #text: string
  #message: JsonObject | undefined
  #hasLongNumber: boolean | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** The `data` of the message; a number that would come out otherwise than it was written is `JSON.rawJSON`, which JSON.stringify writes as it was. */
  get data(): JsonObject {
    return this.#parsed['data'] as JsonObject
  }

  /** The digits of a whole number of any size that stands at the top of the message or in its `data`; undefined for a fraction. */
  wholeNumberDigits(value: number, container: 'message' | 'data', field: string): string | undefined {
    if (Number.isSafeInteger(value)) return String(value)
    // A double beyond 2^53 has no fraction, but what was written may have one.
    if (Number.isFinite(value) && !Number.isInteger(value)) return undefined
    const exact = (container === 'data' ? this.data : this.#parsed)[field]
    return isRawJSON(exact) ? toWholeDigits(exact.rawJSON) : undefined
  }

  /** Whether writing the value again would change one of its numbers: -0, a whole number beyond 2^53, a fraction of many digits, a number beyond a double's range. */
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

/** Whether a value is a number by its text, which only looks like an object. */
export function isRawNumber(value: unknown): boolean {
  return isRawJSON(value)
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || (Number.isSafeInteger(value) && value !== 0)) return value
  const source = context?.source
  // Zeros are many, and objects cost.
  return source === undefined || source === '0' ? value : rawJSON(source)
}

/** A power of ten that a double still has: longer numbers are written out with all their digits by anyone who means an id. */
const MAX_EXPONENT = 308

/** `1.5e3` → `1500`; undefined when it is no whole number. */
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
