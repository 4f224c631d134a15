import type { Granularity } from '../analytics/time/buckets.ts'

const countFormat = new Intl.NumberFormat('en')
const rateFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const percentFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })
const compactFormat = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export const formatCount = (count: number) => countFormat.format(count)
export const formatRate = (rate: number) => `${rateFormat.format(rate)} %`
/** Formats 12,300 as 12.3K, for axes. */
export const formatCompactCount = (count: number) => compactFormat.format(count)

/** The difference between a number and its value in the previous period. */
export interface Change {
  readonly direction: 'up' | 'down' | 'same'
  /** "12.3 %", "0.4 pts", or empty without a comparison. */
  readonly amount: string
  /** The difference as a sentence. */
  readonly sentence: string
}

/** Counts differ by a percentage of the previous value, rates by percentage points. */
export function describeChange(current: number, previous: number, kind: 'count' | 'rate'): Change {
  const direction = current > previous ? 'up' : current < previous ? 'down' : 'same'
  const previousText = kind === 'rate' ? formatRate(previous) : formatCount(previous)
  if (direction === 'same') return { direction, amount: '', sentence: `The same as before: ${previousText}` }
  const difference = Math.abs(current - previous)
  if (kind === 'count' && previous === 0) return { direction, amount: 'new', sentence: 'Up from none before' }
  const amount = kind === 'rate' ? `${rateFormat.format(difference)} pts` : formatPercentChange(difference, previous)
  return { direction, amount, sentence: `${direction === 'up' ? 'Up' : 'Down'} ${amount}, from ${previousText} before` }
}

function formatPercentChange(difference: number, previous: number): string {
  const percent = (difference / previous) * 100
  if (percent >= 1000) return `${countFormat.format(Math.round(percent / 100) + 1)} times`
  return `${percent >= 100 ? Math.round(percent) : percentFormat.format(percent)} %`
}

const BUCKET_FORMATS: Readonly<Record<Granularity, Intl.DateTimeFormatOptions>> = {
  hour: { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  day: { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' },
  week: { day: 'numeric', month: 'short', year: 'numeric' },
  month: { month: 'long', year: 'numeric' },
}

/** The name of a bucket by its start (epoch milliseconds). */
export function createBucketFormatter(granularity: Granularity, timeZone: string): (start: number) => string {
  const format = new Intl.DateTimeFormat('en-GB', { ...BUCKET_FORMATS[granularity], timeZone, hourCycle: 'h23' })
  const prefix = granularity === 'week' ? 'Week of ' : ''
  return (start) => prefix + format.format(start)
}

/** Formats two instants as "17 – 24 Nov 2026". */
export function formatRange(start: number, end: number, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone }).formatRange(start, end)
}

export function formatTime(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone }).format(Date.parse(instant))
}
