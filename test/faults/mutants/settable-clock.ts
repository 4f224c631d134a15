/**
 * Lets a test set the wall clock of the process: it is moved by the milliseconds that the file CLOCK_OFFSET_FILE holds, read a hundred times a second. With CLOCK_MUTANT=1
 * the monotonic clock moves along, as if durations were measured with the wall clock.
 */
import { readFileSync } from 'node:fs'

const file = process.env['CLOCK_OFFSET_FILE'] ?? ''
const RealDate = Date
const realPerformanceNow = performance.now.bind(performance)
let offsetMs = 0

const readOffset = () => {
  try {
    offsetMs = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    offsetMs = 0
  }
}
readOffset()
setInterval(readOffset, 10).unref()

class MovedDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(RealDate.now() + offsetMs)
    else super(...(parts as [number]))
  }

  static override now(): number {
    return RealDate.now() + offsetMs
  }
}
globalThis.Date = MovedDate as DateConstructor

if (process.env['CLOCK_MUTANT'] === '1') performance.now = () => realPerformanceNow() + offsetMs
