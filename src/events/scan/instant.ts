/** Reads the usual form of a timestamp from bytes. */
import { retentionStart } from '../../base/retention.ts'
import { isTooFarInFuture } from '../normalise/timestamp.ts'

/** The length of `2026-01-31T09:30:15.123Z`. */
const LENGTH = 24
const [ZERO, DASH, COLON, POINT, LETTER_T, LETTER_Z] = [0x30, 0x2d, 0x3a, 0x2e, 0x54, 0x5a]
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export class InstantReader {
  /** The day that was read last, as the number YYYYMMDD, and its start. */
  #day = NaN
  #dayStart = 0
  /** The second for which the retention was computed, and the retention's start at its begin; both in epoch milliseconds. */
  #second = NaN
  #retention = 0

  /** The epoch milliseconds of the text `YYYY-MM-DDTHH:mm:ss.sssZ`; NaN for any other text. */
  read(bytes: Uint8Array, from: number, to: number): number {
    if (to - from !== LENGTH) return NaN
    if (
      bytes[from + 4] !== DASH ||
      bytes[from + 7] !== DASH ||
      bytes[from + 10] !== LETTER_T ||
      bytes[from + 13] !== COLON ||
      bytes[from + 16] !== COLON ||
      bytes[from + 19] !== POINT ||
      bytes[from + 23] !== LETTER_Z
    )
      return NaN
    const day =
      twoDigits(bytes, from) * 1e6 +
      twoDigits(bytes, from + 2) * 1e4 +
      twoDigits(bytes, from + 5) * 100 +
      twoDigits(bytes, from + 8)
    const hour = twoDigits(bytes, from + 11)
    const minute = twoDigits(bytes, from + 14)
    const second = twoDigits(bytes, from + 17)
    const millisecond = twoDigits(bytes, from + 20) * 10 + oneDigit(bytes[from + 22]!)
    // A character that is no digit leads to NaN, which fails the comparison.
    if (!(hour < 24 && minute < 60 && second < 60 && millisecond < 1_000)) return NaN
    if (day !== this.#day && !this.#openDay(day)) return NaN
    return this.#dayStart + ((hour * 60 + minute) * 60 + second) * 1_000 + millisecond
  }

  /** Whether an event at this instant is stored. */
  isAccepted(instant: number, now: number): boolean {
    const whole = Math.trunc(now)
    const second = whole - (whole % 1_000)
    if (second !== this.#second) {
      this.#second = second
      this.#retention = retentionStart(second)
    }
    return instant >= this.#retention + (whole - second) && !isTooFarInFuture(instant, now)
  }

  #openDay(day: number): boolean {
    const [year, month, date] = [Math.floor(day / 1e4), Math.floor(day / 100) % 100, day % 100]
    const isLeapYear = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
    const days = month === 2 && isLeapYear ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0)
    // Date.UTC reads years below 100 as those of the 20th century; no year before 1970 is ordinary.
    if (!(year >= 1970 && date >= 1 && date <= days)) return false
    this.#day = day
    this.#dayStart = Date.UTC(year, month - 1, date)
    return true
  }
}

function twoDigits(bytes: Uint8Array, at: number): number {
  return oneDigit(bytes[at]!) * 10 + oneDigit(bytes[at + 1]!)
}

function oneDigit(byte: number): number {
  return byte >= ZERO && byte <= ZERO + 9 ? byte - ZERO : NaN
}
