import type { JsonObject } from '../event-envelope.ts'
import type { ExactNumbers } from './exact-numbers.ts'

const MAX_STEP_NUMBER = 4_294_967_295

/** Reads typed fields of `data` and records which were read, so that all others can be stored in `metadata`. */
export class FieldReader {
  readonly #data: JsonObject
  readonly #numbers: ExactNumbers
  /** At most a dozen short names: searching an array is faster than hashing. */
  readonly #read: string[] = []
  /** False once an id that was read contains an unpaired surrogate. */
  areIdsWellFormed = true

  constructor(data: JsonObject, numbers: ExactNumbers) {
    this.#data = data
    this.#numbers = numbers
  }

  /** A non-empty text, with unpaired surrogates replaced; null when the field is absent or has another type. */
  text(field: string): string | null {
    const text = this.#readText(field)
    return text === null ? null : text.toWellFormed()
  }

  /** Like `text`, but does not mark the field as read. */
  peek(field: string): string | null {
    const value = this.#own(field)
    return typeof value === 'string' && value !== '' ? value.toWellFormed() : null
  }

  /** A text, or the digits of an integer. */
  id(field: string): string | null {
    const value = this.#own(field)
    if (typeof value !== 'number') {
      const text = this.#readText(field)
      if (text?.isWellFormed() === false) this.areIdsWellFormed = false
      return text
    }
    const digits = this.#numbers.wholeNumberDigits(value, 'data', field)
    if (digits === undefined) return null
    this.#read.push(field)
    return digits
  }

  /** An integer from 1 that fits the column; null for anything else. */
  stepNumber(field: string): number | null {
    const value = this.#own(field)
    if (value === null) this.#read.push(field)
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MAX_STEP_NUMBER) return null
    this.#read.push(field)
    return value
  }

  isRead(field: string): boolean {
    return this.#read.includes(field)
  }

  /** Whether the field is present but has an unusable value. */
  isUnusable(field: string): boolean {
    return this.#own(field) !== undefined && !this.#read.includes(field)
  }

  /** A non-empty text. An empty text and null mark the field as read too and return null. */
  #readText(field: string): string | null {
    const value = this.#own(field)
    if (typeof value !== 'string' && value !== null) return null
    this.#read.push(field)
    return value === '' ? null : value
  }

  #own(field: string): unknown {
    return Object.hasOwn(this.#data, field) ? this.#data[field] : undefined
  }
}
